import { Button, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconClock } from "@tabler/icons-react";
import { useChangeShared, useScope } from "@/app/scope";
import { isMoving, PRESETS, rangeLabel, rangeShort, type TimeRange } from "@/model/time-range";
import { AbsoluteRange } from "./AbsoluteRange";
import styles from "./Choice.module.css";

/** Which time is shown: relative ranges, which move with the clock, and absolute ones. */
export function RangePicker() {
  const range = useScope();
  const change = useChangeShared();
  const [opened, { close, toggle }] = useDisclosure(false);
  const choose = (next: TimeRange) => {
    close();
    change.range(next);
  };
  const preset = PRESETS.find((one) => one.from === range.from && range.to === "now");
  return (
    <Menu width={250} opened={opened} onChange={toggle} closeOnItemClick={false}>
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          className={styles.choice}
          leftSection={<IconClock size={14} stroke={1.7} />}
          aria-label={`Time range: ${rangeLabel(range)}`}
        >
          <span className={`${styles.long} cut`}>{rangeLabel(range)}</span>
          <span className={styles.short}>{rangeShort(range)}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {PRESETS.map((one, at) => (
          <Menu.Item
            key={one.from}
            onClick={() => choose({ from: one.from, to: "now" })}
            leftSection={<IconCheck size={14} visibility={one === preset ? "visible" : "hidden"} />}
            rightSection={<kbd>t {at + 1}</kbd>}
          >
            {one.label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Label>{isMoving(range) ? "Or between two times" : "Between two times"}</Menu.Label>
        <AbsoluteRange key={`${range.from} ${range.to}`} range={range} onChoose={choose} />
      </Menu.Dropdown>
    </Menu>
  );
}
