import type { Plugin } from "vite";

/** Lets the script that asks for the first page's data run as soon as it is there: a module waits for the whole page, and for the modules before it, else. Vite has no way to say so for one of two. */
export function early(): Plugin {
  return {
    name: "early",
    apply: "build",
    enforce: "post",
    transformIndexHtml: {
      order: "post",
      handler: (html) => {
        const told = html.replace(/<script type="module"(?= [^>]*\/early-[^>]*>)/, '<script type="module" async');
        if (told === html) throw new Error("index.html: there is no script early-….js");
        return told;
      },
    },
  };
}
