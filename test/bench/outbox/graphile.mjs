// Works off what graphile-worker has queued, doing nothing for each job, at the settings its documentation names as the
// fastest (worker.graphile.org/docs/performance). Prints how many jobs, and when it began and ended, in ms.
// usage: NO_LOG_SUCCESS=1 node graphile.mjs CONNECTION [migrate]
import { runMigrations, runOnce } from "graphile-worker";

const concurrentJobs = 24;
const preset = {
  worker: {
    connectionString: process.argv[2],
    concurrentJobs,
    maxPoolSize: concurrentJobs + 1,
    localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
};

if (process.argv[3] === "migrate") {
  await runMigrations({ preset });
} else {
  let jobs = 0;
  const began = Date.now();
  await runOnce({ preset, taskList: { noop: () => void jobs++ } });
  console.log(jobs, began, Date.now());
}
