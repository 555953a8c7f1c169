import { Button, Group, Select, Stack } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";

import { workspacesQuery } from "@/api/queries";
import { Rich, useT } from "@/locales";
import { CopyButton } from "@/ui/CopyButton";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { useMay, useWorkspace } from "@/ui/workspace";
import styles from "./keys.module.css";
import { testCall } from "./testCall";

interface TestCallProps {
  secret: string;
  model: string;
  models: readonly string[];
  onModel: (model: string) => void;
}

export function TestCall({ secret, model, models, onModel }: TestCallProps) {
  const t = useT();
  const workspace = useWorkspace();
  const buys = useMay("billing");
  const client = useQueryClient();
  const call = useMutation({
    mutationFn: () => testCall(secret, model),
    onSettled: () => {
      void client.invalidateQueries({ queryKey: [workspace.id, "keys"] });
      void client.invalidateQueries(workspacesQuery);
    },
  });
  const result = call.data;
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="xs" wrap="nowrap">
        <Select
          style={{ flex: 1, minWidth: 0 }}
          label={t("key.test_model")}
          data={[...models]}
          value={model}
          onChange={(value) => {
            if (value !== null) onModel(value);
          }}
          allowDeselect={false}
          searchable
        />
        <Button
          variant="default"
          leftSection={<IconPlayerPlay size={16} stroke={1.5} aria-hidden />}
          loading={call.isPending}
          onClick={() => {
            call.mutate();
          }}
        >
          {t("key.test")}
        </Button>
      </Group>
      <div role="status" className={styles.result} data-empty={call.isIdle || call.isPending}>
        {call.isError && (
          <p className={styles.refused}>
            <IconAlertTriangle size={18} stroke={1.5} aria-hidden />
            <span>{t("key.test_unreachable")}</span>
          </p>
        )}
        {result && !result.ok && (
          <p className={styles.refused}>
            <IconAlertTriangle size={18} stroke={1.5} aria-hidden />
            <span>
              {result.message}{" "}
              {result.poor && buys && (
                <AnchorLink to="/w/$ws/recharge" params={{ ws: workspace.id }}>
                  {t("nav.recharge")}
                </AnchorLink>
              )}
            </span>
          </p>
        )}
        {result?.ok && (
          <>
            <p className={styles.answered}>
              <IconCheck size={18} stroke={1.5} aria-hidden />
              <span>{t("key.test_ok")}</span>
            </p>
            <blockquote className={styles.answer}>{result.text === "" ? t("key.test_empty") : result.text}</blockquote>
            <p>
              <Rich k="key.test_cost" values={{ cost: <Money value={result.cost} unit /> }} />
            </p>
          </>
        )}
        {result && result.request !== "" && (
          <p className={styles.request}>
            <code>{result.request}</code>
            <CopyButton text={result.request} label={t("key.copy_request")} />
            {result.ok && (
              <AnchorLink to="/w/$ws/usage/$request" params={{ ws: workspace.id, request: result.request }}>
                {t("key.test_receipt")}
              </AnchorLink>
            )}
          </p>
        )}
      </div>
    </Stack>
  );
}
