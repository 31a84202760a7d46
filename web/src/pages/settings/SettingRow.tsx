import type { Setting } from "@/data/queries/settings";
import { visible } from "@/model/evidence-words";
import { readable, settingText, shownText } from "@/model/settings";
import styles from "./SettingsPage.module.css";

/** One setting: its name, what is in force, what set it, and what it is. */
export function SettingRow({ setting }: { readonly setting: Setting }) {
  const usual = settingText(setting.default);
  const differs = setting.origin && setting.default !== null && !setting.secret && usual !== settingText(setting.value);
  const read = readable(setting);
  return (
    <li className={styles.row}>
      <div className={styles.name} title={setting.variable}>
        <span className="mono">{setting.name}</span>
      </div>
      <div className={styles.value}>
        <span className={`mono ${setting.origin ? styles.own : ""}`}>{visible(shownText(setting))}</span>
        {read ? <span className="quiet"> {read}</span> : null}
        {differs ? <span className="quiet"> default {usual}</span> : null}
      </div>
      <div className={setting.origin ? styles.origin : "quiet"}>{setting.origin ? visible(setting.origin) : "default"}</div>
      <p className={`${styles.what} quiet`}>{setting.description.replaceAll("`", "")}</p>
    </li>
  );
}
