import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { safeLink } from "@/model/message";
import styles from "./Markdown.module.css";
import { Snippet } from "./Snippet";

/** Markdown from telemetry, as React elements: no HTML, nothing is loaded, links only http(s). Images are named, never fetched. */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={(address) => safeLink(address) ?? ""}>
        {text}
      </ReactMarkdown>
    </div>
  );
}

const PLUGINS = [remarkGfm];

const COMPONENTS: Components = {
  a: ({ href, children }) => {
    const link = safeLink(href);
    return link ? (
      <a href={link} target="_blank" rel="noopener noreferrer nofollow" title={link}>
        {children}
      </a>
    ) : (
      <span>{children}</span>
    );
  },
  img: ({ src, alt }) => {
    const link = safeLink(typeof src === "string" ? src : undefined);
    const name = `Image: ${alt || link || "no description"}`;
    return link ? (
      <a href={link} target="_blank" rel="noopener noreferrer nofollow" title={link}>
        {name}
      </a>
    ) : (
      <span className="quiet">{name}</span>
    );
  },
  pre: ({ node }) => <Snippet code={codeOf(node)} label="code" />,
  table: ({ children }) => (
    <div className={styles.wide}>
      <table>{children}</table>
    </div>
  ),
  input: ({ checked }) => <span>{checked ? "☑" : "☐"} </span>,
};

interface Node {
  readonly value?: string;
  readonly children?: readonly unknown[];
}

function codeOf(node: unknown): string {
  const { value, children } = (node ?? {}) as Node;
  return (value ?? (children ?? []).map(codeOf).join("")).replace(/\n$/, "");
}
