import { Health } from "@/components/Health";
import { Score } from "@/components/Score";
import type { Agent } from "@/data/queries/agents";
import type { AgentHealth } from "@/data/queries/standing";
import { agentHealth } from "@/model/agent-health";

export type Standings = ReadonlyMap<string, AgentHealth>;

interface Props {
  readonly agent: Agent;
  readonly standing: AgentHealth | undefined;
}

/** How an agent stands: its score and what is worst about it; where it was not judged, what its figures of the time say. */
export function Standing({ agent, standing }: Props) {
  if (!standing || standing.score === null) return <Health {...agentHealth(agent)} />;
  const words = standing.known ? "acknowledged" : standing.state === "healthy" ? undefined : standing.worst[0]?.told;
  return <Score state={standing.state} score={standing.score} words={words} />;
}
