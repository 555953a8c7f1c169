import { useQuery } from "@tanstack/react-query";
import { Navigate, useParams } from "@tanstack/react-router";
import type { ComponentType } from "react";

import { accountQuery } from "@/api/queries";
import { type Key, useT } from "@/locales";
import { Link } from "@/ui/links";
import { PageHeader } from "@/ui/PageHeader";
import { Result } from "@/ui/Result";
import { Sections } from "@/ui/Section";
import { BlockSkeleton } from "@/ui/skeletons";
import { ChatDefaults } from "./ChatDefaults";
import { MyData } from "./MyData";
import { NotificationChoices } from "./NotificationChoices";
import { ProfileForm } from "./ProfileForm";
import type { Profile } from "./queries";
import { Security } from "./Security";
import { Sessions } from "./Sessions";
import styles from "./settings.module.css";

const SECTIONS: readonly [name: string, label: Key, Content: ComponentType<{ profile: Profile }>][] = [
  ["profile", "settings.profile", ProfileForm],
  ["security", "settings.security", Security],
  ["sessions", "settings.sessions", Sessions],
  ["notifications", "settings.notifications", NotificationChoices],
  ["chat", "nav.chat", ChatDefaults],
  ["data", "settings.data", MyData],
];

export default function SettingsPage() {
  const t = useT();
  const say = t as (key: Key) => string;
  const { section } = useParams({ strict: false });
  const account = useQuery(accountQuery);
  const current = SECTIONS.find(([name]) => name === section);
  if (current === undefined) return <Navigate to="/settings/$section" params={{ section: "profile" }} replace />;
  const [, label, Content] = current;
  return (
    <div className={styles.page}>
      <nav className={styles.nav} aria-label={t("nav.settings")}>
        <ul>
          {SECTIONS.map(([name, text]) => (
            <li key={name}>
              <Link to="/settings/$section" params={{ section: name }} className={styles.link} activeOptions={{ includeSearch: false }}>
                {say(text)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className={styles.content}>
        <PageHeader title={say(label)} />
        <Sections>
          <Result query={account} skeleton={<BlockSkeleton height={360} />}>
            {(profile) => <Content profile={profile} />}
          </Result>
        </Sections>
      </div>
    </div>
  );
}
