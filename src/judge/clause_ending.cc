#include "judge/clause_table.h"

namespace lastcall::judge {
namespace {

constexpr Fix kDeadlines[] = {
    {"lastcall run",
     R"(--grace is all it needs to know: the drain, the app's stop and a reserve are cut from it once,
and checked at the start. `lastcall config` shows the sum.)"},
    {"Node",
     R"(One deadline, some seconds before the platform's, and each step gets what is left of it:
  const deadline = Date.now() + 25_000;
  const left = () => Math.max(0, deadline - Date.now());
  setTimeout(() => server.closeAllConnections(), left()).unref();)"},
    {"Go",
     R"(One context for all steps, not a timeout for each:
  limit, cancel := context.WithTimeout(
      context.Background(), 25*time.Second)
  defer cancel()
  if srv.Shutdown(limit) != nil {
      srv.Close()  // cut what is left
  }
  pool.Close())"},
    {"Python",
     R"(gunicorn's --graceful-timeout is 30 by default: as long as Kubernetes' whole grace period. Make
it 25. uvicorn waits without an end unless --timeout-graceful-shutdown 25.)"},
    {"Java",
     R"(spring.lifecycle.timeout-per-shutdown-phase counts for each phase anew, and phases add up: grace
period less preStop less some seconds, divided by the phases that may be slow.)"},
    {"C++",
     R"(One std::chrono::steady_clock::time_point computed at the signal and passed down; a step waits
with wait_until or expires_at(min(own, deadline)). At the deadline close what is left and exit 1.)"},
    {"Kubernetes",
     R"(The grace period starts before preStop and holds it: terminationGracePeriodSeconds >= preStop +
drain + 5. It cannot be read from inside the pod, so set the server's limit beside it.)"},
};

constexpr Fix kTwoTokens[] = {
    {"Node",
     R"(Two AbortControllers: the first aborts at the signal (start nothing new), the second some
seconds before the end. Pass the second one's signal to fetch() and to database calls.)"},
    {"Go",
     R"(Two contexts: one ends at the signal, the other, that handlers get through
http.Server.BaseContext, some seconds before the end, by context.WithCancelCause.)"},
    {"Python", R"(An asyncio.Event at the signal; task.cancel() some seconds before the end.)"},
    {"Java", R"(An AtomicBoolean at the signal; executor.shutdownNow(), which interrupts, some seconds
before the end.)"},
    {"C++", R"(Two std::stop_source: draining and abort. Calls that block get the second one's token.)"},
};

constexpr Fix kRecordedCuts[] = {
    {"lastcall run",
     R"(Each cut stands in the drain report: method, path, client, age and bytes. Query strings never
do.)"},
    {"Node", R"(Keep the open requests in a Map, and log what is in it just before
closeAllConnections().)"},
    {"Go", R"(If Shutdown returns context.DeadlineExceeded, log the open requests that a middleware has
kept; then Close.)"},
    {"Python", R"(An ASGI or WSGI middleware that logs a request which ends by cancellation, with its
age.)"},
    {"Java", R"(Spring Boot logs only that requests were still active: log them from a filter that keeps
the open ones.)"},
    {"C++", R"(A registry of sessions that can name its oldest ones; log it before they are closed.)"},
};

constexpr Fix kAppLast[] = {
    {"lastcall run",
     R"(The app and everything below it is signalled when nobody needs it, killed at the deadline, and
reaped until nothing is left; it also dies with lastcall, even by SIGKILL.)"},
    {"Node",
     R"(Signal children and wait for them; detached: true makes orphans.
  child.kill('SIGTERM');
  await once(child, 'exit');
With cluster: worker.disconnect() for each, and wait for 'exit'.)"},
    {"Go",
     R"(Give a command its own group and signal that; Wait reaps it:
  cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
  …
  syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
  cmd.Wait())"},
    {"Python",
     R"(subprocess.Popen(…, start_new_session=True), at the end:
  os.killpg(process.pid, signal.SIGTERM)
  process.wait(timeout=5)
multiprocessing: daemon=True, and join() each.)"},
    {"Java",
     R"(Process.destroy() ends the child only, not its children:
  process.descendants().forEach(ProcessHandle::destroy);
  process.destroy();
  process.waitFor(5, TimeUnit.SECONDS);)"},
    {"C++",
     R"(Open sockets with SOCK_CLOEXEC, so that no child keeps the port. In the child, before exec:
setpgid(0, 0) and prctl(PR_SET_PDEATHSIG, SIGKILL). In the parent: prctl(PR_SET_CHILD_SUBREAPER, 1),
kill(-group, SIGTERM), and waitpid(-1) until ECHILD.)"},
    {"Kubernetes",
     R"(The container's end kills what is left, without grace. While it runs, PID 1 must reap: an init
in the image, or shareProcessNamespace: true. Workers that must finish have to be waited for by PID 1.)"},
};

constexpr Fix kCleanup[] = {
    {"lastcall run", R"(Its own steps, listener, requests, app, lingering connections, run in order and
each with a limit.)"},
    {"Node",
     R"(One async function with the steps in order, each in try/catch and with a limit (Promise.race);
not several handlers of the same signal, which run side by side.)"},
    {"Go", R"(After Shutdown, in order, each with the same context: producers, consumers, caches,
database, log. errors.Join.)"},
    {"Python", R"(An AsyncExitStack in the lifespan: closed in the reverse order, also when a step
raises.)"},
    {"Java", R"(SmartLifecycle phases, not several shutdown hooks: hooks run side by side in no order.)"},
    {"C++", R"(Own things in the order of their need and destroy them in reverse; nothing that matters
in static destructors.)"},
};

constexpr Fix kJobs[] = {
    {"Node", R"(BullMQ: await worker.close() fetches nothing more and waits for the jobs that run; close
the connection after.)"},
    {"Go", R"(Two contexts: end the one that fetches first, the one that works at the deadline; then
nack what is left.)"},
    {"Python", R"(Celery: SIGTERM is the warm shutdown. acks_late=True and
task_reject_on_worker_lost=True give back the rest.)"},
    {"Java", R"(Spring containers: stop() stops fetching and waits shutdownTimeout; acknowledge after
the work, not before.)"},
    {"C++", R"(Cancel the consumer, go on reading until it is confirmed, finish, acknowledge, requeue
the rest, then close.)"},
    {"Kubernetes", R"(terminationGracePeriodSeconds above the longest job, or jobs that can be given
back.)"},
};

constexpr Fix kExitStatus[] = {
    {"lastcall run",
     R"(0 if nothing was cut, also for an app that ends by the signal (143); 1 if anything was cut or
killed.)"},
    {"Node",
     R"(No process.exit(0) in a timeout that cuts. Say what happened, and let the process end by itself:
  setTimeout(() => {
    process.exitCode = 1;
    server.closeAllConnections();
  }, 25_000).unref();)"},
    {"Go",
     R"(main's return is 0, whatever Shutdown said:
  if err := srv.Shutdown(limit); err != nil {
      log.Printf("shutdown: %v", err)
      os.Exit(1)
  })"},
    {"Python",
     R"(uvicorn (from 0.29) drains and then ends by the signal it had got: 143. A handler of your own, set
before it runs, makes it 0:
  signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
  uvicorn.run("main:app", timeout_graceful_shutdown=25)
gunicorn exits 0 even if it killed its workers after --graceful-timeout: make that longer than any
request.)"},
    {"Java",
     R"(The JVM ends with 143 after SIGTERM, however clean its hooks were. Exit yourself, the hooks run all
the same:
  sun.misc.Signal.handle(new Signal("TERM"),
      s -> new Thread(() -> System.exit(0)).start());
Or let the platform know: SuccessExitStatus=143 (systemd).)"},
    {"C++",
     R"(Return from main: 0 if no session had to be closed at the deadline, else 1. Never the default
action, never exit() in a signal handler.)"},
    {"Kubernetes",
     R"(A Deployment only shows the status, but a Job with restartPolicy: OnFailure runs again after a
143. 137 in `kubectl describe pod` means killed at the end of the grace period.)"},
};

constexpr Fix kAccount[] = {
    {"lastcall run",
     R"(The drain report: one log line at the end, --report FILE as JSON, and /dev/termination-log where
it exists.)"},
    {"Node", R"(One log line at the end: how long it took, how many requests finished and how many were
cut.)"},
    {"Go", R"(One log line after Shutdown: time, requests finished since the signal, its error.)"},
    {"Python", R"(In the lifespan's end: one log line with the time and what was still open.)"},
    {"Java", R"(A ContextClosedEvent listener that runs last, with the time and what was still active.)"},
    {"C++", R"(One line written to stderr by main, just before it returns.)"},
    {"Kubernetes", R"(Up to 4096 bytes in terminationMessagePath show up in `kubectl describe pod`.)"},
};

constexpr Clause kClauses[] = {
    {"LC301", "Two instants, computed once", "deadlines",
     R"(At the signal two instants are computed from the grace period: until the first requests may
finish, at the second all has ended. Every step gets what is left, none starts the clock anew.)",
     R"(Each step has a timeout of its own, and nobody adds them up: 5 + 30 + 5 s do not fit into 30 s.
Or the limit equals the grace period, or does not exist, and the platform's SIGKILL is what ends the
drain.)",
     "what was nearly done is killed, without a word in the log", kDeadlines},
    {"LC302", "Handlers are told twice", "handlers told",
     R"(Handlers hear of the end by two tokens: draining (start nothing new) and abort (unwind now).)",
     R"(A handler that is not told waits for a slow call to the outside until it is killed; one that is
only cancelled drops what it could have finished.)",
     "one slow call to a third party holds every deploy", kTwoTokens},
    {"LC303", "Whatever is cut is recorded", "cuts recorded",
     R"(What is left at the drain deadline is cut, and each cut is recorded: method, path, client, age,
bytes each way.)",
     R"(A cut leaves no trace in an access log, which is written when a request ends.)",
     "nobody knows whose request was lost, nor that one was", kRecordedCuts},
    {"LC401", "The app is signalled last, and leaves nothing behind", "nothing left behind",
     R"(When the server has ended, nothing of it is left: no process, no zombie, no port that still
accepts.)",
     R"(Children outlive a parent that does not wait for them, and a child that inherited the listening
socket goes on holding the port. A PID 1 that is no init reaps nobody.)",
     "the next start fails because the address is in use", kAppLast},
    {"LC402", "Cleanup in order, whatever fails", "cleanup in order",
     R"(Cleanup steps run in their declared order, and together where they do not depend on each other.
One that fails or hangs never keeps a later one from running.)",
     R"(Several handlers of the same signal run side by side, so the database is closed before the
requests that use it; or the first exception skips the rest.)",
     "the last requests fail on a closed pool; buffered logs are lost", kCleanup},
    {"LC403", "Workers lose no job", "no job lost",
     R"(Workers stop fetching first, then finish and acknowledge what they have; what is not done at the
deadline is given back.)",
     R"(A job that was fetched and not given back waits for its lease to expire; one that was
acknowledged before it was done is gone.)",
     "jobs vanish or run twice at every deploy", kJobs},
    {"LC501", "The exit status is the truth", "exit status",
     R"(Exit status 0 means clean: nothing was cut, abandoned or killed. If anything was, it is another.
It is never 143 by accident.)",
     R"(SIGTERM's default action ends a process with 143, and some runtimes end so even after a clean
drain. Others cut what is left and exit 0.)",
     "alarms ring for good deploys and stay silent for bad ones", kExitStatus},
    {"LC502", "A report says what happened", "report",
     R"(At the end stands an account: phases with their times, what was finished, refused and cut, how
the app ended.)",
     R"(Metrics that are pulled never see a drain's end, because the process is gone before the next
scrape; and a pod's object is deleted with it.)",
     "after a bad deploy there is nothing to look at", kAccount},
};

}  // namespace

std::span<const Clause> ending_clauses() {
  return kClauses;
}

}  // namespace lastcall::judge
