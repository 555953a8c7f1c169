import { Button, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { modelsQuery } from "@/api/queries";
import { inBrowser } from "@/lib/kept";
import { parse } from "@/lib/money";
import { type Key, Rich, useT } from "@/locales";
import { ButtonLink, Link } from "@/ui/links";
import { Money } from "@/ui/Money";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./empty.module.css";
import type { Model } from "./types";

const SAMPLES = ["explain", "plan", "write", "code"] as const;

/** A chat in which nothing was said: ideas, the chosen model with its price, what is there to spend. */
export function Empty({ model, onSample }: { model: Model | null; onSample: (text: string) => void }) {
  const t = useT();
  const say = t as (key: Key) => string;
  return (
    <div className={styles.empty}>
      <h2>{t("chat.empty")}</h2>
      {model !== null && <Chosen model={model} />}
      <Broke />
      <ul className={styles.samples}>
        {SAMPLES.map((name) => (
          <li key={name}>
            <UnstyledButton
              className={styles.sample}
              onClick={() => {
                onSample(say(`chat.sample_${name}_text` as Key));
              }}
            >
              <b>{say(`chat.sample_${name}` as Key)}</b>
              <span>{say(`chat.sample_${name}_text` as Key)}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Compare />
      <Note />
    </div>
  );
}

/** The way to several answers at once; nothing to choose from, nothing to compare. */
function Compare() {
  const t = useT();
  const workspace = useWorkspace();
  const models = useQuery(modelsQuery(workspace.id));
  if ((models.data?.length ?? 0) < 2) return null;
  return (
    <p className={styles.small}>
      <Link to="/w/$ws/chat/compare" params={{ ws: workspace.id }}>
        {t("compare.title")}
      </Link>
    </p>
  );
}

function Chosen({ model }: { model: Model }) {
  const t = useT();
  const { prompt, completion } = model.prices;
  return (
    <p className={styles.model}>
      <b>{model.name}</b>{" "}
      {model.free ? (
        t("chat.free")
      ) : (
        <Rich k="chat.price" values={{ input: <Money value={prompt} inert />, output: <Money value={completion} inert /> }} />
      )}
    </p>
  );
}

/** Nothing to spend: what is there, and the way to more. */
function Broke() {
  const t = useT();
  const workspace = useWorkspace();
  const pays = useMay("billing");
  if (workspace.balance === null || parse(workspace.balance) > 0n) return null;
  return (
    <div className={styles.broke}>
      <p>
        <Rich k="chat.broke" values={{ amount: <Money value={workspace.balance} unit inert /> }} />
      </p>
      {pays ? (
        <ButtonLink to="/w/$ws/recharge" params={{ ws: workspace.id }}>
          {t("nav.recharge")}
        </ButtonLink>
      ) : (
        <p>{t("banner.ask_billing")}</p>
      )}
    </div>
  );
}

const READ = "omna.chat.privacy";

/** Who reads what is written here. In full until it was read once. */
function Note() {
  const t = useT();
  const [read, setRead] = useState(() => inBrowser.read(READ) === "read");
  const link = <a href="/privacy">{t("chat.privacy")}</a>;
  if (read) return <p className={styles.small}>{link}</p>;
  return (
    <div className={styles.note} role="note">
      <p>
        <Rich k="chat.note" values={{ link }} />
      </p>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => {
          setRead(true);
          inBrowser.write(READ, "read");
        }}
      >
        {t("chat.note_read")}
      </Button>
    </div>
  );
}
