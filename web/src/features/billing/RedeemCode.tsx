import { Button, TextInput } from "@mantine/core";
import { IconGift } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

import { ApiError } from "@/api/problem";
import { day } from "@/lib/time";
import { Rich, useWords } from "@/locales";
import { ErrorNotice } from "@/ui/ErrorNotice";
import { AnchorLink } from "@/ui/links";
import { Money } from "@/ui/Money";
import { Section } from "@/ui/Section";
import { useWorkspace } from "@/ui/workspace";
import styles from "./billing.module.css";
import { refusalOf } from "./model";
import { type Redeemed, useRedeem } from "./queries";

/** A promo code becomes Credits, once; entered again, it says what it gave. */
export function RedeemCode() {
  const { t } = useWords();
  const workspace = useWorkspace();
  const redeem = useRedeem(workspace.id);
  const [code, setCode] = useState("");
  const [tried, setTried] = useState(false);
  const refusal = redeem.error instanceof ApiError ? refusalOf(redeem.error.code) : undefined;
  const empty = tried && code.trim() === "";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (code.trim() === "" || redeem.isPending) return;
    redeem.mutate(code.trim(), {
      onSuccess: () => {
        setCode("");
        setTried(false);
      },
    });
  };
  return (
    <Section title={t("billing.code_title")} text={t("billing.code_text")}>
      <form onSubmit={submit} noValidate className={styles.code}>
        <TextInput
          label={t("billing.code")}
          placeholder="7K3Q-F9XW-2MTA"
          value={code}
          onChange={(event) => {
            setCode(event.currentTarget.value);
            redeem.reset();
          }}
          error={empty ? t("billing.code_empty") : refusal && t(refusal as "billing.code_unknown")}
          maxLength={80}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
        />
        <Button type="submit" variant="default" loading={redeem.isPending}>
          {t("billing.redeem")}
        </Button>
      </form>
      <div role="status">{redeem.data && <Given redeemed={redeem.data} workspace={workspace.id} />}</div>
      {refusal === undefined && redeem.error !== null && (
        <div className={styles.below}>
          <ErrorNotice error={redeem.error} />
        </div>
      )}
    </Section>
  );
}

function Given({ redeemed, workspace }: { redeemed: Redeemed; workspace: string }) {
  const { t, tag } = useWords();
  const amount = <Money value={redeemed.credits} unit />;
  return (
    <div className={styles.given}>
      <IconGift size={20} stroke={1.5} aria-hidden />
      <p>
        {redeemed.again ? (
          <Rich k="billing.code_again" values={{ code: redeemed.code, amount, day: day(redeemed.redeemed_at, tag) }} />
        ) : (
          <Rich k="billing.code_given" values={{ code: redeemed.code, amount }} />
        )}{" "}
        {redeemed.expires_at === null
          ? t("billing.code_for_ever")
          : t("billing.code_until", { day: day(redeemed.expires_at, tag) })}{" "}
        <AnchorLink to="/w/$ws/ledger/$line" params={{ ws: workspace, line: redeemed.ledger_line }}>
          {t("billing.code_line")}
        </AnchorLink>
      </p>
    </div>
  );
}
