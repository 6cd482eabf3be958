// The consumer of jobs. Whoever answers questions takes the job further (the composition root hands that in), and says whether
// the message has done its part.

import { z } from "zod";
import { textOf } from "../core/error-text.ts";
import type { Bindings } from "./bindings.ts";
import { bury, retryLater } from "./delivery.ts";

const jobMessage = z.object({ kind: z.literal("job"), id: z.string() });

/** `attempts` counts from 1. "again": the message is to come again later. */
export type TakeFurther = (id: string, attempts: number) => Promise<"done" | "again">;

export const handleJobs = async (batch: MessageBatch, env: Bindings, takeFurther: TakeFurther): Promise<void> => {
  for (const message of batch.messages) {
    const job = jobMessage.safeParse(message.body);
    if (!job.success) {
      await bury(env, batch.queue, message, "not a job");
      continue;
    }
    try {
      if ((await takeFurther(job.data.id, message.attempts)) === "done") message.ack();
      else retryLater(message);
    } catch (error) {
      console.warn(`jobs: ${job.data.id} is not done: ${textOf(error)}`);
      retryLater(message);
    }
  }
};
