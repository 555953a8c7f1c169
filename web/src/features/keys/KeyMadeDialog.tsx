import { Stack, Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import type { Schemas } from "@/api/client";
import { installationQuery, modelsQuery } from "@/api/queries";
import { chatSamples, exportSample } from "@/lib/samples";
import { Rich, useT } from "@/locales";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { SecretOnce } from "@/ui/SecretOnce";
import { Snippet } from "@/ui/Snippet";
import { useWorkspace } from "@/ui/workspace";
import styles from "./keys.module.css";
import { keyQuery } from "./queries";
import { TestCall } from "./TestCall";

const FIRST_MODEL = "openrouter-free";
const LISTEN_MS = 3000;

/** A new key, shown once, with everything to try it at once. */
export function KeyMadeDialog({ made, onClose }: { made: Schemas["KeyMade"] | null; onClose: () => void }) {
  const t = useT();
  return (
    <SecretOnce
      title={made === null ? "" : t("key.made_title", { name: made.key.name })}
      secret={made?.secret ?? null}
      copyLabel={t("key.copy")}
      onClose={onClose}
    >
      {made && <Trial made={made} />}
    </SecretOnce>
  );
}

function Trial({ made }: { made: Schemas["KeyMade"] }) {
  const t = useT();
  const workspace = useWorkspace();
  const base = useQuery(installationQuery).data?.base_url ?? location.origin;
  const models = useQuery(modelsQuery(workspace.id)).data ?? [];
  const allowed = made.key.allowed_models;
  const usable = models
    .filter((model) => model.available && model.endpoints.some((one) => one.startsWith("chat")))
    .map((model) => model.id)
    .filter((id) => allowed === null || allowed.includes(id));
  const names = usable.length > 0 ? usable : (allowed ?? [FIRST_MODEL]);
  const first = names.includes(FIRST_MODEL) ? FIRST_MODEL : (names[0] ?? FIRST_MODEL);
  const [chosen, choose] = useState<string | null>(null);
  const model = chosen ?? first;
  return (
    <Stack gap="md">
      <Text c="var(--text-2)">{t("key.publish")}</Text>
      <Snippet samples={[{ label: t("name.shell"), code: exportSample(base, made.secret) }, ...chatSamples(base, model, made.secret)]} wrap />
      <div className={styles.trial}>
        <h3>{t("key.test_title")}</h3>
        <p className={styles.quiet}>{t("key.test_text")}</p>
        <TestCall secret={made.secret} model={model} models={names} onModel={choose} />
        <FirstRequest id={made.key.id} />
      </div>
    </Stack>
  );
}

/** Turns ✓ when the key is used for the first time, from wherever. */
function FirstRequest({ id }: { id: string }) {
  const t = useT();
  const workspace = useWorkspace();
  const key = useQuery({
    ...keyQuery(workspace.id, id),
    refetchInterval: ({ state }) => (state.data && state.data.requests_24h > 0 ? false : LISTEN_MS),
  }).data;
  const used = key !== undefined && key.requests_24h > 0;
  return (
    <p role="status" className={styles.listening} data-used={used}>
      {used ? (
        <>
          <IconCheck size={16} stroke={1.5} aria-hidden />
          <span>
            <Rich
              k="key.first_request"
              values={{
                cost: <Money value={key.spent_24h} unit />,
                link: (
                  <AnchorLink to="/w/$ws/usage" params={{ ws: workspace.id }} search={{ key: id } as never}>
                    {t("key.usage_link")}
                  </AnchorLink>
                ),
              }}
            />
          </span>
        </>
      ) : (
        <span>{t("key.listening")}</span>
      )}
    </p>
  );
}
