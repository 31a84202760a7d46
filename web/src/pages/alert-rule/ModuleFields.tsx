import { Button, Input } from "@mantine/core";
import { type ModuleForm, NEW_MODULE } from "@/model/alert-modules";
import type { Fields } from "./fields";
import { OneModule } from "./OneModule";
import styles from "./RulePage.module.css";

const MOST = 50;

/** What is expected of some groups, in order: the first that matches counts. */
export function ModuleFields({ form: { modules }, mistakes, onSet }: Fields) {
  const set = (next: readonly ModuleForm[]) => onSet({ modules: next });
  const earlier = (at: number) =>
    set(modules.map((one, index) => (index === at - 1 ? (modules[at] ?? one) : index === at ? (modules[at - 1] ?? one) : one)));
  return (
    <div className={styles.whole}>
      <Input.Wrapper
        size="xs"
        label="Modules"
        labelElement="div"
        description="Other shares for some groups; the first that matches counts."
      >
        <div className={styles.modules}>
          {modules.map((module, at) => (
            <OneModule
              // biome-ignore lint/suspicious/noArrayIndexKey: they have no name of their own, and their order is what they are
              key={at}
              at={at}
              module={module}
              mistakes={mistakes}
              onSet={(more) => set(modules.map((one, index) => (index === at ? { ...one, ...more } : one)))}
              onEarlier={at ? () => earlier(at) : undefined}
              onOut={() => set(modules.filter((_, index) => index !== at))}
            />
          ))}
          <Button variant="default" size="compact-sm" disabled={modules.length >= MOST} onClick={() => set([...modules, NEW_MODULE])}>
            Add a module
          </Button>
        </div>
      </Input.Wrapper>
    </div>
  );
}
