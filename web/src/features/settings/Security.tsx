import { EmailSection } from "./EmailSection";
import { Identities } from "./Identities";
import { Passkeys } from "./Passkeys";
import { PasswordSection } from "./PasswordSection";
import type { Profile } from "./queries";
import { TotpSection } from "./TotpSection";

export function Security({ profile }: { profile: Profile }) {
  return (
    <>
      <EmailSection profile={profile} />
      <PasswordSection profile={profile} />
      <TotpSection profile={profile} />
      <Passkeys />
      <Identities />
    </>
  );
}
