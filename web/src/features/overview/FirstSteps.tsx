import { Button, VisuallyHidden } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { installationQuery } from "@/api/queries";
import { inBrowser } from "@/lib/kept";
import { curlSample } from "@/lib/samples";
import { useT } from "@/locales";
import { ButtonLink } from "@/ui/links";
import { Snippet } from "@/ui/Snippet";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./overview.module.css";
import type { Overview } from "./queries";

const FIRST_MODEL = "openrouter-free";

/** The way to the first answer; ticks itself, and can be put away. */
export function FirstSteps({ steps }: { steps: Overview["steps"] }) {
  const t = useT();
  const { id } = useWorkspace();
  const name = `omna.steps.${id}`;
  const [hidden, setHidden] = useState(() => inBrowser.read(name) === "hidden");
  const base = useQuery(installationQuery).data?.base_url ?? location.origin;
  const makesKeys = useMay("own_keys", "all_keys");
  const all = [steps.verified, ...(makesKeys ? [steps.has_key, steps.first_call] : [])];
  const done = all.filter(Boolean).length;
  if (hidden || done === all.length) return null;

  return (
    <section className={styles.panel} aria-labelledby="steps">
      <div className={styles.head}>
        <div className={styles.headwords}>
          <h2 id="steps">{t("steps.title")}</h2>
          <small>{t("steps.progress", { done, all: all.length })}</small>
        </div>
        <Button
          variant="subtle"
          color="gray"
          size="compact-md"
          onClick={() => {
            inBrowser.write(name, "hidden");
            setHidden(true);
          }}
        >
          {t("steps.hide")}
        </Button>
      </div>
      <ol className={styles.steps}>
        <Step
          done={steps.verified}
          name={t("steps.verify")}
          text={t("steps.verify_text")}
          action={
            <ButtonLink variant="default" size="compact-md" to="/settings/$section" params={{ section: "profile" }}>
              {t("nav.settings")}
            </ButtonLink>
          }
        />
        {makesKeys && (
          <>
            <Step
              done={steps.has_key}
              name={t("steps.key")}
              text={t("steps.key_text")}
              action={
                <ButtonLink size="compact-md" to="/w/$ws/keys" params={{ ws: id }} search={{ create: "1" } as never}>
                  {t("palette.create_key")}
                </ButtonLink>
              }
            />
            <Step done={steps.first_call} name={t("steps.call")} text={t("steps.call_text")}>
              <Snippet samples={[{ label: "curl", code: curlSample(base, FIRST_MODEL) }]} />
            </Step>
          </>
        )}
      </ol>
    </section>
  );
}

interface StepProps {
  done: boolean;
  name: string;
  text: string;
  action?: ReactNode;
  children?: ReactNode;
}

function Step({ done, name, text, action, children }: StepProps) {
  const t = useT();
  return (
    <li className={styles.step} data-done={done}>
      <span className={styles.mark} aria-hidden>
        {done && <IconCheck size={14} stroke={2.5} />}
      </span>
      <span className={styles.name}>
        {name}
        {done && <VisuallyHidden>: {t("steps.done")}</VisuallyHidden>}
      </span>
      <span>{!done && action}</span>
      {!done && <span className={styles.text}>{text}</span>}
      {!done && children && <div className={styles.sample}>{children}</div>}
    </li>
  );
}
