import { Problem } from "@/components/Problem";
import side from "@/components/side/Side.module.css";
import { type Span, useExplanation } from "@/data/queries/span";
import { fullCount, fullMoney, money } from "@/model/format";
import styles from "./SpanPanel.module.css";

/** What the call cost, where that figure is from, and how today's prices make it up. */
export function Cost({ span }: { readonly span: Span }) {
  const answer = useExplanation(span);
  const told = answer.data;
  return (
    <>
      <dl className={side.facts}>
        <dt>Cost</dt>
        <dd title={fullMoney(span.cost_usd)}>{money(span.cost_usd)}</dd>
        <dt>From</dt>
        <dd>{sourceText(span.cost_source)}</dd>
        {span.reported_cost_usd ? (
          <>
            <dt>Reported</dt>
            <dd title={fullMoney(span.reported_cost_usd)}>{money(span.reported_cost_usd)}</dd>
          </>
        ) : null}
      </dl>
      <h4 className={side.part}>At today’s prices</h4>
      {answer.isError ? <Problem error={answer.error} /> : null}
      {told?.charges.length ? (
        <table className={styles.table}>
          <thead>
            <tr>
              <th>Tokens of</th>
              <th>How many</th>
              <th>Price of 1M</th>
              <th>Cost</th>
            </tr>
          </thead>
          <tbody>
            {told.charges.map((charge) => (
              <tr key={`${charge.direction} ${charge.sort}`}>
                <td>{charge.sort.replaceAll("_", " ")}</td>
                <td>{fullCount(charge.tokens)}</td>
                <td>{money(charge.usd_per_mtok)}</td>
                <td title={fullMoney(charge.usd)}>{money(charge.usd)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th colSpan={3}>Together</th>
              <td title={fullMoney(told.cost_usd)}>{money(told.cost_usd)}</td>
            </tr>
          </tfoot>
        </table>
      ) : null}
      {told ? <p className="quiet">{[told.model, told.note].filter(Boolean).join(" · ")}</p> : null}
    </>
  );
}

function sourceText(source: string): string {
  if (source === "reported") return "reported by the source";
  if (source === "unknown_model") return "no price is known for this model";
  if (source.startsWith("price:")) return `price table: ${source.slice("price:".length)}`;
  return source || "nothing told tokens";
}
