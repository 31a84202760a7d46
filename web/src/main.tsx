import "@/app/nonce";
import "@/app/styles";
import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { listenToKeys } from "@/app/keys";
import { readNonce } from "@/app/nonce";
import { keepPresses } from "@/app/press";
import { makeRouter } from "@/app/router";
import { resolveVariables, schemes, theme } from "@/app/theme";
import { queries } from "@/data/query-client";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
const router = makeRouter();
listenToKeys();
keepPresses();

createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolveVariables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
      getStyleNonce={readNonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
