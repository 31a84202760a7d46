import { type StandingState, scoreText, stateWords, toneOf } from "@/model/standing";
import styles from "./Score.module.css";

interface Props {
  readonly state: StandingState;
  readonly score: number | null;
  /** In place of the state, in words. */
  readonly words?: string | undefined;
}

/** A health score from 0 to 100, in its colour and in words. */
export function Score({ state, score, words }: Props) {
  const told = words ?? stateWords(state);
  return (
    <span className={styles.score} title={score === null ? told : `${told}, ${score.toFixed(1)} of 100`}>
      <span className={styles.number} style={{ color: `var(--status-${toneOf(state)})` }}>
        {scoreText(score)}
      </span>
      <span className={state === "healthy" || state === "no_data" ? "quiet cut" : "cut"}>{told}</span>
    </span>
  );
}
