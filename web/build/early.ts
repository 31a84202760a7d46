import type { Plugin } from "vite";

/**
 * Lets the script that asks for the first page's data run as soon as it is there: a module waits for the whole page, and for the modules before it, else. Vite has
 * no way to say so for one of two. And asks for the font after the scripts: text can stand in another font for a moment, but not without them.
 */
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
        return after(told);
      },
    },
  };
}

const FONT = /\s*<link rel="preload"[^>]* as="font"[^>]*>/;

/** The page with the font's line at the end of its head. */
function after(html: string): string {
  const font = FONT.exec(html)?.[0];
  if (!font) throw new Error("index.html: there is no font to preload");
  return html.replace(font, "").replace(/\s*<\/head>/, `${font}\n  </head>`);
}
