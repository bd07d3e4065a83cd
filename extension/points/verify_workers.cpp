#include "points/verify_workers.h"

#include "points/verify_slice.h"
#include "postgres/bridge.h"
#include "seals/chain.h"

extern "C" {
#include "optimizer/paths.h"
#include "storage/shm_mq.h"
#include "storage/shm_toc.h"

PGDLLEXPORT void laurel_verify_worker(dsm_segment *segment, shm_toc *contents);
}

namespace laurel::points {

namespace {

constexpr uint64 kWorkKey = 1, kQueuesKey = 2;
constexpr Size kQueueBytes = 64 * 1024;
// Parts in which seals are checked.
constexpr uint32 kSealShares = 16;

// What all processes share; the slices follow.
struct SharedWork {
    bool of_organization;
    bool sealed;
    Uuid organization;
    pg_atomic_uint32 next;
    pg_atomic_uint32 next_seals; // of kSealShares
    pg_atomic_uint32 any;
    uint32 count;
    Slice slices[FLEXIBLE_ARRAY_MEMBER];
};

// A problem on its way from a worker: the text follows, with its end.
struct ProblemMessage {
    Uuid organization;
    Uuid user;
    int64 entry_no;
    bool of_seal;
    char problem[FLEXIBLE_ARRAY_MEMBER];
};

Size
SizeOfWork(int slices) {
    return offsetof(SharedWork, slices) + sizeof(Slice) * static_cast<Size>(slices);
}

// Calls act() for each part that nobody has begun with, in memory of its own.
template <typename Act>
void
EachPart(pg_atomic_uint32 *next, uint32 count, Act &&act) {
    const MemoryContext outer = CurrentMemoryContext;
    MemoryContext memory = AllocSetContextCreate(outer, "laurel ledger part", ALLOCSET_DEFAULT_SIZES);
    for (uint32 at; (at = pg_atomic_fetch_add_u32(next, 1)) < count;) {
        MemoryContextSwitchTo(memory);
        act(at);
        MemoryContextSwitchTo(outer);
        MemoryContextReset(memory);
    }
    MemoryContextDelete(memory);
}

void
WorkOff(SharedWork *work, void (*tell)(void *, const LedgerProblem &), void *listener) {
    const Uuid *organization = work->of_organization ? &work->organization : nullptr;
    Verifier verifier(tell, listener);
    EachPart(&work->next, work->count, [&](uint32 at) {
        if (VerifySlice(&verifier, work->slices[at], organization, work->sealed))
            pg_atomic_write_u32(&work->any, 1);
    });
    EachPart(&work->next_seals, work->sealed ? kSealShares : 0, [&](uint32 share) {
        seals::CheckRoots(organization, static_cast<int>(share), kSealShares, tell, listener);
    });
}

void
Describe(SharedWork *work, const Slices &slices, const Verification &verification) {
    const Uuid *organization = verification.organization;
    work->of_organization = organization != nullptr;
    work->sealed = verification.sealed;
    work->organization = organization != nullptr ? *organization : Uuid{};
    pg_atomic_init_u32(&work->next, 0);
    pg_atomic_init_u32(&work->next_seals, 0);
    pg_atomic_init_u32(&work->any, 0);
    work->count = static_cast<uint32>(slices.count);
    std::memcpy(work->slices, slices.items, sizeof(Slice) * static_cast<Size>(slices.count));
}

// The queue in which a worker tells problems.
shm_mq *
QueueOf(void *queues, int worker) {
    return reinterpret_cast<shm_mq *>(static_cast<char *>(queues) + kQueueBytes * static_cast<Size>(worker));
}

void
SendProblem(void *queue, const LedgerProblem &problem) {
    const Size length = std::strlen(problem.problem) + 1;
    auto *message = static_cast<ProblemMessage *>(palloc(offsetof(ProblemMessage, problem) + length));
    message->organization = problem.organization;
    message->user = problem.user;
    message->entry_no = problem.entry_no;
    message->of_seal = problem.of_seal;
    std::memcpy(message->problem, problem.problem, length);
    shm_mq_send(static_cast<shm_mq_handle *>(queue), offsetof(ProblemMessage, problem) + length, message,
                false, true);
    pfree(message);
}

// Tells what a worker sends, until it has ended.
void
ReceiveProblems(shm_mq_handle *queue, const Verification &verification) {
    Size size;
    void *data;
    while (shm_mq_receive(queue, &size, &data, false) == SHM_MQ_SUCCESS) {
        const auto *message = static_cast<const ProblemMessage *>(data);
        verification.tell(verification.listener, {message->organization, message->user, message->entry_no,
                                                  pstrdup(message->problem), message->of_seal});
    }
    shm_mq_detach(queue);
}

// Parallel workers with what they share, for the length of a scope; an error ends them with the transaction.
class Workers {
public:
    Workers(int count, const Slices &slices, const Verification &verification) : verification_(verification) {
        EnterParallelMode();
        context_ = CreateParallelContext("laurel", "laurel_verify_worker", count);
        const Size room = kQueueBytes * static_cast<Size>(count);
        shm_toc_estimate_chunk(&context_->estimator, SizeOfWork(slices.count));
        shm_toc_estimate_chunk(&context_->estimator, room);
        shm_toc_estimate_keys(&context_->estimator, 2);
        InitializeParallelDSM(context_);
        work_ = static_cast<SharedWork *>(shm_toc_allocate(context_->toc, SizeOfWork(slices.count)));
        Describe(work_, slices, verification);
        shm_toc_insert(context_->toc, kWorkKey, work_);
        queues_ = shm_toc_allocate(context_->toc, room);
        for (int worker = 0; worker < count; worker++)
            shm_mq_set_receiver(shm_mq_create(QueueOf(queues_, worker), kQueueBytes), MyProc);
        shm_toc_insert(context_->toc, kQueuesKey, queues_);
        LaunchParallelWorkers(context_);
    }
    Workers(const Workers &) = delete;
    Workers &operator=(const Workers &) = delete;

    // Takes part, and waits for the others; whether there was any account.
    bool Finish() {
        WorkOff(work_, verification_.tell, verification_.listener);
        for (int worker = 0; worker < context_->nworkers_launched; worker++)
            ReceiveProblems(
                shm_mq_attach(QueueOf(queues_, worker), context_->seg, context_->worker[worker].bgwhandle),
                verification_);
        WaitForParallelWorkersToFinish(context_);
        const bool any = pg_atomic_read_u32(&work_->any) != 0;
        DestroyParallelContext(context_);
        ExitParallelMode();
        return any;
    }

private:
    Verification verification_;
    ParallelContext *context_;
    SharedWork *work_;
    void *queues_;
};

} // namespace

bool
VerifySlices(const Slices &slices, const Verification &verification, bool alone) {
    const int helpers = alone ? 0 : std::min(max_parallel_workers_per_gather, slices.count - 1);
    if (helpers > 0)
        return Workers(helpers, slices, verification).Finish();
    auto *work = static_cast<SharedWork *>(palloc(SizeOfWork(slices.count)));
    Describe(work, slices, verification);
    WorkOff(work, verification.tell, verification.listener);
    return pg_atomic_read_u32(&work->any) != 0;
}

} // namespace laurel::points

// Where a parallel worker begins: as the leader's current user, in its transaction and snapshot.
void
laurel_verify_worker(dsm_segment *segment, shm_toc *contents) {
    using namespace laurel;
    boundary([=] {
        auto *work = static_cast<points::SharedWork *>(shm_toc_lookup(contents, points::kWorkKey, false));
        shm_mq *own =
            points::QueueOf(shm_toc_lookup(contents, points::kQueuesKey, false), ParallelWorkerNumber);
        shm_mq_set_sender(own, MyProc);
        shm_mq_handle *queue = shm_mq_attach(own, segment, nullptr);
        const SpiConnection spi;
        points::WorkOff(work, points::SendProblem, queue);
        shm_mq_detach(queue);
    });
}
