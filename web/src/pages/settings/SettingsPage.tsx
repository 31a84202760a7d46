/** The settings in force and what set each. They are changed where the server runs: by a file, variables or the command line. */
import { Checkbox, TextInput } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { ButtonLink } from "@/components/ButtonLink";
import { Empty } from "@/components/Empty";
import { Failed } from "@/components/Failed";
import list from "@/components/List.module.css";
import { Page } from "@/components/Page";
import { Section } from "@/components/Section";
import { Skeleton } from "@/components/Skeleton";
import { useSettings } from "@/data/queries/settings";
import { visible } from "@/model/evidence-words";
import { plural } from "@/model/format";
import { groupSettings } from "@/model/settings";
import { readSettingsSearch } from "./route";
import { SettingRow } from "./SettingRow";
import styles from "./SettingsPage.module.css";

export function SettingsPage() {
  const { find = "", set } = readSettingsSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const found = useSettings();
  const change = (more: object) => void navigate({ to: ".", search: (before: object) => ({ ...before, ...more }) as never, replace: true });
  const told = found.data;
  const groups = groupSettings(told?.items ?? [], find, set === "1");
  const own = told?.items.filter((one) => one.origin).length ?? 0;
  return (
    <div className={list.page}>
      <div className={list.tools}>
        <TextInput
          className={styles.find ?? ""}
          aria-label="Find a setting"
          placeholder="Find a setting: name, words, source"
          value={find}
          maxLength={200}
          onChange={(event) => change({ find: event.currentTarget.value || undefined })}
        />
        <Checkbox
          size="xs"
          style={{ alignSelf: "center" }}
          label={told ? `Only those that somebody set (${own})` : "Only those that somebody set"}
          checked={set === "1"}
          onChange={(event) => change({ set: event.currentTarget.checked ? "1" : undefined })}
        />
      </div>
      <Page>
        <Failed of={found} />
        {told ? (
          <p className={styles.about}>
            Spyglass {told.version}, Python {told.python}, {visible(told.system)}; store {visible(told.store)}.{" "}
            <span className="quiet">
              {plural(told.items.length, "setting")}, {own ? `${own} set by somebody` : "all with their defaults"}. They are changed by a
              settings file, variables or the command line, and a restart.
            </span>
          </p>
        ) : null}
        {found.isPending ? <Skeleton rows={10} height={40} /> : null}
        {told && !groups.length ? (
          <Empty
            title="No setting matches"
            action={
              <ButtonLink to="/settings" search={{} as never}>
                All settings
              </ButtonLink>
            }
          >
            {set === "1" && !own ? "Nobody set any: everything has its default." : "Try another word."}
          </Empty>
        ) : null}
        {groups.map((group) => (
          <Section key={group.name} title={group.name}>
            <ul className={styles.list}>
              {group.items.map((one) => (
                <SettingRow key={one.name} setting={one} />
              ))}
            </ul>
          </Section>
        ))}
      </Page>
    </div>
  );
}
