/** Vite plugin: beside each text file of the build, the same as brotli and gzip, so that the server need not compress. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(css|html|js|json|svg|txt)$/;
const WORTH_BYTES = 1024;

async function compress(path: string): Promise<void> {
  const text = await readFile(path);
  if (text.length < WORTH_BYTES) return;
  const hint = { params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } };
  await writeFile(`${path}.br`, await promisify(brotliCompress)(text, hint));
  await writeFile(`${path}.gz`, await promisify(gzip)(text, { level: 9 }));
}

export function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    async writeBundle(options) {
      const folder = options.dir ?? "";
      const names = await readdir(folder, { recursive: true });
      // index.html gets a new nonce with every answer, so it cannot be compressed beforehand.
      await Promise.all(names.filter((name) => TEXT.test(name) && name !== "index.html").map((name) => compress(join(folder, name))));
    },
  };
}
