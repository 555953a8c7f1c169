import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";

import type { Order } from "@/api/payments";
import { inTab } from "@/lib/kept";
import { plain, parse, typed } from "@/lib/money";
import { useAddress } from "@/ui/useAddress";
import { useWorkspace } from "@/ui/workspace";
import { Amount } from "./Amount";
import { draftOf, forgetDraft } from "./draft";
import { Methods } from "./Methods";
import { CHECKOUT, firstWish, type Options, packOf, quoteOf, trouble, type Wish } from "./model";
import { PriceBox } from "./PriceBox";
import { canSaveQuery, quoteQuery, useRecharge } from "./queries";
import styles from "./recharge.module.css";

const TYPING_MS = 250;
const AFTER_CLICK_MS = 200;

/** The form: how much, how to pay, what it comes to. */
export function Buy({ options }: { options: Options }) {
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const address = useAddress();
  const [wish, setWish] = useState<Wish>(() =>
    firstWish(options, { credits: address.value("credits") || undefined, method: address.value("method") || undefined }, chosen(workspace.id)),
  );
  const [own, setOwn] = useState(packOf(wish.credits, options) === undefined);
  const [left, setLeft] = useState(false);
  const [accepted, setAccepted] = useState(false);
  const [keep, setKeep] = useState(false);
  const [missed, setMissed] = useState(false);
  const [, setForgotten] = useState(0);
  const make = useRecharge(workspace.id);
  const [settled] = useDebouncedValue(wish, TYPING_MS);
  const body = quoteOf(settled, options);
  const quote = useQuery(quoteQuery(workspace.id, body));
  const canSave = useQuery(canSaveQuery(workspace.id)).data ?? false;
  const wrong = trouble(wish.credits, options);

  const change = (changes: Partial<Wish>) => {
    const next = { ...wish, ...changes };
    setWish(next);
    choose(workspace.id, next);
  };
  const checkout = wish.method === CHECKOUT;
  const asked = {
    channel: checkout ? ("checkout" as const) : ("manual" as const),
    credits: plain(parse(typed(wish.credits) ?? "0")),
    method_id: checkout ? null : wish.method,
    accept_terms: true as const,
    save_method: checkout && canSave && keep,
  };
  const draft = draftOf(workspace.id, JSON.stringify(asked));
  const go = (order: Order) => {
    // Back from the payment page leads to the order, not to a second one.
    const there = navigate({ to: "/w/$ws/orders/$order", params: { ws: workspace.id, order: order.id } });
    if (order.channel === "checkout" && order.state === "open" && order.checkout_url !== null) {
      const url = order.checkout_url;
      void there.then(() => {
        location.assign(url);
      });
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setLeft(true);
    setMissed(!accepted);
    if (wrong !== undefined || !accepted || make.isPending) return;
    make.mutate(asked, { onSuccess: go });
  };
  return (
    <form className={styles.buy} onSubmit={submit} noValidate>
      <div className={styles.choices}>
        <Amount
          options={options}
          credits={wish.credits}
          own={own}
          wrong={left && own ? wrong : undefined}
          onPack={(credits) => {
            setOwn(false);
            setLeft(false);
            change({ credits });
          }}
          onOwn={(credits) => {
            setOwn(true);
            if (credits !== undefined) change({ credits });
          }}
          onLeave={() => {
            // After the click that took the focus away: an error must not move a button from under the pointer.
            setTimeout(() => {
              setLeft(true);
            }, AFTER_CLICK_MS);
          }}
        />
        <Methods
          options={options}
          value={wish.method}
          onChange={(method) => {
            change({ method });
          }}
        />
      </div>
      <PriceBox
        options={options}
        quote={wrong === undefined ? quote.data : undefined}
        waiting={quote.isFetching || settled !== wish}
        error={make.error ?? quote.error}
        checkout={checkout}
        accepted={accepted}
        missed={missed && !accepted}
        onAccept={setAccepted}
        canKeep={checkout && canSave}
        keep={keep}
        onKeep={setKeep}
        sending={make.isPending}
        before={draft?.order ?? null}
        onForget={() => {
          forgetDraft(workspace.id);
          setForgotten((count) => count + 1);
        }}
      />
    </form>
  );
}

/* What was chosen stays over a reload. */
const place = (workspace: string) => `omna.recharge.choice.${workspace}`;

function chosen(workspace: string): Partial<Wish> {
  return (inTab.readValue(place(workspace)) ?? {}) as Partial<Wish>;
}

function choose(workspace: string, wish: Wish): void {
  inTab.writeValue(place(workspace), wish);
}
