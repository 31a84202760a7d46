import { ButtonLink } from "./ButtonLink";
import { Empty } from "./Empty";

export function NotFound() {
  return (
    <Empty title="There is no such page" action={<ButtonLink to="/traces">Go to traces</ButtonLink>}>
      The address may be from another version, or it lost its end on the way here.
    </Empty>
  );
}
