import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";
import { accountQuery } from "@/api/queries";
import { createPasskey } from "@/lib/webauthn";

export type Profile = Schemas["Profile"];
export type Session = Schemas["SessionRow"];
export type Passkey = Schemas["Passkey"];
export type Identity = Schemas["LinkedIdentity"];

export const sessionsQuery = queryOptions({
  queryKey: ["account", "sessions"],
  queryFn: ({ signal }) => ask(api.GET("/api/account/sessions", { signal })),
});

export const passkeysQuery = queryOptions({
  queryKey: ["account", "passkeys"],
  queryFn: ({ signal }) => ask(api.GET("/api/account/passkeys", { signal })),
});

export const identitiesQuery = queryOptions({
  queryKey: ["account", "identities"],
  queryFn: ({ signal }) => ask(api.GET("/api/account/identities", { signal })),
});

export const deletionQuery = queryOptions({
  queryKey: ["account", "deletion"],
  queryFn: ({ signal }) => ask(api.GET("/api/account/deletion", { signal })),
  staleTime: 0,
});

/** What a person does with their own account. Each act makes all of the account read again. */
export function useAccountActs() {
  const client = useQueryClient();
  const again = { onSuccess: () => client.invalidateQueries({ queryKey: ["account"] }) };
  const keep = {
    onSuccess: (profile: Profile) => {
      client.setQueryData(accountQuery.queryKey, profile);
    },
  };
  return {
    change: useMutation({ mutationFn: (body: Schemas["ProfileChange"]) => ask(api.PATCH("/api/account", { body, keepalive: true })), ...keep }),
    password: useMutation({ mutationFn: (password: string) => ask(api.POST("/api/account/password", { body: { password } })), ...again }),
    email: useMutation({ mutationFn: (email: string) => ask(api.POST("/api/account/email", { body: { email } })), ...keep }),
    sendVerification: useMutation({ mutationFn: () => ask(api.POST("/api/account/verification")), ...keep }),
    keepEmail: useMutation({ mutationFn: () => ask(api.DELETE("/api/account/email")), ...keep }),
    endSession: useMutation({
      mutationFn: (session: string) => ask(api.DELETE("/api/account/sessions/{session}", { params: { path: { session } } })),
      ...again,
    }),
    endOthers: useMutation({ mutationFn: () => ask(api.DELETE("/api/account/sessions")), ...again }),
    beginTotp: useMutation({ mutationFn: () => ask(api.POST("/api/account/totp")) }),
    // The profile is read again when the dialog with the codes closes: it would be drawn anew under them.
    confirmTotp: useMutation({ mutationFn: (code: string) => ask(api.POST("/api/account/totp/confirmation", { body: { code } })) }),
    removeTotp: useMutation({ mutationFn: () => ask(api.DELETE("/api/account/totp")), ...again }),
    newCodes: useMutation({ mutationFn: () => ask(api.POST("/api/account/recovery-codes")) }),
    addPasskey: useMutation({
      mutationFn: async (name: string) => {
        const { options } = await ask(api.POST("/api/account/passkeys/options"));
        return ask(api.POST("/api/account/passkeys", { body: { name, credential: await createPasskey(options) } }));
      },
      ...again,
    }),
    renamePasskey: useMutation({
      mutationFn: ({ passkey, name }: { passkey: string; name: string }) =>
        ask(api.PATCH("/api/account/passkeys/{passkey}", { params: { path: { passkey } }, body: { name } })),
      ...again,
    }),
    removePasskey: useMutation({
      mutationFn: (passkey: string) => ask(api.DELETE("/api/account/passkeys/{passkey}", { params: { path: { passkey } } })),
      ...again,
    }),
    unlink: useMutation({
      mutationFn: (identity: string) => ask(api.DELETE("/api/account/identities/{identity}", { params: { path: { identity } } })),
      ...again,
    }),
    link: useMutation({
      mutationFn: (provider: string) => ask(api.POST("/api/account/identities", { body: { provider } })),
      onSuccess: ({ url }) => {
        location.assign(url);
      },
    }),
    export: useMutation({ mutationFn: () => ask(api.POST("/api/account/export")) }),
    delete: useMutation({ mutationFn: (body: Schemas["AccountDeletion"]) => ask(api.POST("/api/account/deletion", { body })) }),
    /** Read everything of the account again. */
    refresh: () => client.invalidateQueries({ queryKey: ["account"] }),
  };
}
