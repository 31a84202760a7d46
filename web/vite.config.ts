import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { early } from "./build/early.ts";
import { precompress } from "./build/precompress.ts";

const server = process.env["SPYGLASS_URL"] ?? "http://127.0.0.1:7700";
const paths = ["/api", "/health", "/metrics", "/openapi.json", "/events/stream"];

export default defineConfig({
  plugins: [react(), early(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../src/spyglass/site",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        // These change seldom: a new release of the app leaves them in the browser's cache.
        codeSplitting: {
          groups: [
            // Runs before all else, and stands on nothing else.
            {
              name: "early",
              test: /src\/(early|data\/(client|key|problem|first-page)|model\/(search-state|time-range|format|traces?-search))\.ts|vite\/preload-helper/,
            },
            // One file: a browser asks a server without TLS for six things at a time, and the first list is one of them.
            { name: "react", test: /node_modules\/(?:(?:react|react-dom|scheduler)\/|@tanstack\/(?!react-virtual|virtual-core))/ },
            // What nearly every page stands on, and the first page: eighty small files would take longer to ask for than to read.
            {
              name: "first",
              test: /src\/(main\.tsx|app\/|pages\/traces\/(?!ChartPanel)|components\/(CopyButton|JsonTree|LongText|Parts|Snippet)\b)/,
            },
            { name: "trace", test: /src\/(pages\/trace\/(?!flame|graph|raw|route|evidence)|components\/(side|tree)\/)/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      paths.map((path) => [path, { target: server, ws: true, changeOrigin: true, headers: { origin: new URL(server).origin } }]),
    ),
  },
});
