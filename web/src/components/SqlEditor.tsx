/** A text field for SQL: colours, completion of tables and columns, and a mistake marked at its place. Mod+Enter runs. Its own chunk: load it lazily. */
import { acceptCompletion, autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { sql } from "@codemirror/lang-sql";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { minimalSetup } from "codemirror";
import { useEffect, useRef } from "react";
import styles from "./SqlEditor.module.css";

interface Props {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onRun: () => void;
  /** Columns by table. */
  readonly schema: Readonly<Record<string, readonly string[]>>;
  /** Line and column from 1. */
  readonly mistake: { readonly line: number; readonly column: number } | null;
  readonly nonce: string;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--kind-llm)" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--kind-retriever)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--kind-guardrail)" },
  { tag: tags.comment, color: "var(--text-quiet)" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--kind-tool)" },
]);

const LOOK = EditorView.theme({
  "&": { height: "100%", color: "var(--text-strong)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", fontSize: "12.5px", lineHeight: "1.6" },
  ".cm-content": { caretColor: "var(--text-strong)", padding: "10px 12px" },
  ".cm-cursor": { borderLeftColor: "var(--text-strong)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selected) !important" },
  ".cm-tooltip": {
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
    backgroundColor: "var(--surface-panel)",
    boxShadow: "var(--shadow)",
    overflow: "hidden",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", fontSize: "12px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--selected)", color: "var(--text-strong)" },
  ".cm-completionDetail": { color: "var(--text-quiet)", fontStyle: "normal" },
  ".cm-mistake": { borderBottom: "2px solid var(--status-error)" },
});

// Left to itself, Chromium keeps the look of coloured text that is typed over in a style attribute, which the Content-Security-Policy refuses.
const TYPE_OVER = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== "insertText" || event.data === null || event.isComposing || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

const setMistake = StateEffect.define<Props["mistake"]>();
const MISTAKE = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, change) {
    for (const effect of change.effects) if (effect.is(setMistake)) return markOf(change.state, effect.value);
    return change.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function markOf(state: EditorState, mistake: Props["mistake"]): DecorationSet {
  if (!mistake || mistake.line > state.doc.lines) return Decoration.none;
  const line = state.doc.line(mistake.line);
  const from = Math.max(line.from, Math.min(line.from + mistake.column - 1, line.to - 1));
  const to = state.wordAt(from)?.to ?? Math.min(from + 1, line.to);
  return from < to ? Decoration.set(Decoration.mark({ class: "cm-mistake" }).range(from, to)) : Decoration.none;
}

export function SqlEditor({ value, onChange, onRun, schema, mistake, nonce }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, onRun });
  latest.current = { onChange, onRun };
  const language = useRef(new Compartment());
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes comes by the effects below
  useEffect(() => {
    if (!place.current) return;
    const run = {
      key: "Mod-Enter",
      run: () => {
        latest.current.onRun();
        return true;
      },
    };
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          Prec.highest(keymap.of([run, { key: "Tab", run: acceptCompletion }])), // Tab leaves the editor where there is nothing to take
          autocompletion({ icons: false }),
          keymap.of(completionKeymap),
          minimalSetup,
          language.current.of([]),
          syntaxHighlighting(COLOURS),
          LOOK,
          TYPE_OVER,
          MISTAKE,
          EditorView.lineWrapping,
          EditorView.cspNonce.of(nonce),
          EditorView.contentAttributes.of({ "aria-label": "SQL", spellcheck: "false" }),
          EditorView.updateListener.of((update) => update.docChanged && latest.current.onChange(update.state.doc.toString())),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const now = view.current?.state.doc.toString();
    if (now !== undefined && now !== value) view.current?.dispatch({ changes: { from: 0, to: now.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const tables = Object.fromEntries(Object.entries(schema).map(([table, columns]) => [table, [...columns]]));
    view.current?.dispatch({ effects: language.current.reconfigure(sql({ schema: tables, upperCaseKeywords: true })) });
  }, [schema]);
  useEffect(() => view.current?.dispatch({ effects: setMistake.of(mistake) }), [mistake]);
  return <div ref={place} className={styles.editor} />;
}
