import { IconCheck, IconCopy, IconTextWrap } from "@tabler/icons-react";
import { memo, type ReactNode, useEffect, useMemo, useRef, useState } from "react";

import { copyText } from "@/lib/copy";
import { useT } from "@/locales";
import styles from "./code.module.css";
import { sharedOut, sheets } from "./codeLines";
import type { Span } from "./colours";
import { later, useLater } from "./useLater";

const engine = later(() => import("./colours"));

/** Longer code stays without colours, so that nothing waits for them. */
const LONGEST_COLOURED = 100_000;
const CONFIRMED_MS = 2000;

interface CodeBlockProps {
  code: string;
  /** What the fence says: "python", or nothing. */
  language: string;
  /** It does not grow any more. */
  closed: boolean;
  /** More buttons. */
  acts?: ReactNode;
}

/** Code with its language, Copy and Wrap; coloured once it is complete. */
export const CodeBlock = memo(function CodeBlock({ code, language, closed, acts }: CodeBlockProps) {
  const t = useT();
  const [wrap, setWrap] = useState(false);
  const source = useRef<HTMLPreElement>(null);
  const label = language === "" ? t("markdown.code") : language;
  return (
    <div className={styles.box} data-code>
      <div className={styles.bar}>
        <span className={styles.language}>{label}</span>
        {acts}
        <button
          type="button"
          className={styles.act}
          aria-pressed={wrap}
          onClick={() => {
            setWrap(!wrap);
          }}
        >
          <IconTextWrap size={16} stroke={1.5} aria-hidden />
          <span className={styles.word}>{t("markdown.wrap")}</span>
        </button>
        <CopyCode code={code} source={source} />
      </div>
      <pre ref={source} className={wrap ? `${styles.code} ${styles.wrapped}` : styles.code} tabIndex={0} role="group" aria-label={label} dir="ltr">
        {closed && language !== "" && code.length <= LONGEST_COLOURED ? <Coloured code={code} language={language} /> : <Plain code={code} />}
      </pre>
    </div>
  );
});

function Plain({ code }: { code: string }) {
  return (
    <code>
      {sheets(code).map((text, index) => (
        <Sheet key={index} text={text} />
      ))}
    </code>
  );
}

function Coloured({ code, language }: { code: string; language: string }) {
  const loaded = useLater(engine);
  const texts = useMemo(() => sheets(code), [code]);
  const spans = useMemo(() => {
    const found = loaded?.colour(code, language.toLowerCase()) ?? null;
    return found && sharedOut(found, texts);
  }, [loaded, code, language, texts]);
  return (
    <code>
      {texts.map((text, index) => (
        <Sheet key={index} text={text} spans={spans?.[index]} />
      ))}
    </code>
  );
}

const Sheet = memo(function Sheet({ text, spans }: { text: string; spans?: readonly Span[] | undefined }) {
  return (
    <span className={styles.sheet}>
      {spans?.map((span, index) =>
        span.kind === null ? (
          span.text
        ) : (
          <span key={index} className={styles[span.kind]}>
            {span.text}
          </span>
        ),
      ) ?? text}
    </span>
  );
});

function CopyCode({ code, source }: { code: string; source: { current: HTMLElement | null } }) {
  const t = useT();
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => {
      say("");
    }, CONFIRMED_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [said]);
  const copy = async () => {
    say((await copyText(code, source.current)) ? t("copy.done") : t("copy.selected"));
  };
  const Icon = said === "" ? IconCopy : IconCheck;
  return (
    <button type="button" className={styles.act} onClick={() => void copy()}>
      <Icon size={16} stroke={1.5} aria-hidden />
      <span className={styles.word}>{t("markdown.copy")}</span>
      <span role="status" className="visually-hidden">
        {said}
      </span>
    </button>
  );
}
