import { queryOptions, useQueryClient } from "@tanstack/react-query";

import { api, ask, type Schemas } from "@/api/client";

export type Stops = Schemas["StopsState"];
export type InForce = Schemas["StopRow"];
export type Over = Schemas["StopEpisode"];
export type Level = InForce["level"];

const KEY = ["console", "stops"] as const;

export const stopsQuery = queryOptions({
  queryKey: KEY,
  queryFn: ({ signal }) => ask(api.GET("/api/console/stops", { signal })),
  refetchInterval: 5_000,
});

/** What a stop of a scope would meet. */
export function reachQuery(scope: string) {
  return queryOptions({
    queryKey: [...KEY, "reach", scope],
    queryFn: ({ signal }) => ask(api.POST("/api/console/stops/preview", { body: { scope }, signal })),
    staleTime: 0,
    refetchInterval: 10_000,
  });
}

/** Set a stop, end one: both show the new state at once, and the banner of everybody's pages here as well. */
export function useStops() {
  const client = useQueryClient();
  const kept = async <Answer extends Stops>(answer: Answer): Promise<Answer> => {
    client.setQueryData<Stops>(KEY, answer);
    await client.invalidateQueries({ queryKey: ["installation"] });
    return answer;
  };
  return {
    set: async (body: Schemas["StopWish"]) => kept(await ask(api.POST("/api/console/stops", { body }))),
    resume: async (body: Schemas["StopEnd"]) => kept(await ask(api.POST("/api/console/stops/resume", { body }))),
  };
}
