#include "workers/status.hpp"

#include <gtest/gtest.h>

namespace smg::workers {
namespace {

struct Row {
    Status from;
    Cause cause;
    StatusEvent event;
    Status to;
    Cause why;
};

TEST(WorkerStatus, Transitions) {
    using enum Status;
    using E = StatusEvent;
    const Row rows[] = {{pending, Cause::none, E::registered, ready, Cause::none},
                        {pending, Cause::none, E::register_failed, failed, Cause::discovery},
                        {failed, Cause::discovery, E::retry_started, pending, Cause::none},
                        {failed, Cause::discovery, E::registered, ready, Cause::none},
                        {ready, Cause::none, E::register_failed, ready, Cause::none},
                        {ready, Cause::none, E::unhealthy, not_ready, Cause::health},
                        {not_ready, Cause::health, E::recovered, ready, Cause::none},
                        {ready, Cause::none, E::key_refused, not_ready, Cause::key_refused},
                        {pending, Cause::none, E::register_refused, failed, Cause::key_refused},
                        {failed, Cause::discovery, E::register_refused, failed, Cause::key_refused},
                        {ready, Cause::none, E::register_refused, ready, Cause::none},
                        {not_ready, Cause::health, E::key_refused, not_ready, Cause::key_refused},
                        {not_ready, Cause::key_refused, E::unhealthy, not_ready, Cause::key_refused},
                        {not_ready, Cause::key_refused, E::recovered, ready, Cause::none},
                        {not_ready, Cause::key_refused, E::retry_started, not_ready, Cause::key_refused},
                        {ready, Cause::none, E::retry_started, ready, Cause::none},
                        {pending, Cause::none, E::unhealthy, pending, Cause::none},
                        {pending, Cause::none, E::key_refused, pending, Cause::none},
                        {ready, Cause::none, E::recovered, ready, Cause::none},
                        {ready, Cause::none, E::drain, draining, Cause::none},
                        {failed, Cause::discovery, E::drain, draining, Cause::none}};
    for (const auto& row : rows) {
        const auto change = next(row.from, row.cause, row.event);
        EXPECT_EQ(change.status, row.to) << name_of(row.from) << " " << static_cast<int>(row.event);
        EXPECT_EQ(change.cause, row.why) << name_of(row.from) << " " << static_cast<int>(row.event);
        EXPECT_EQ(change.changed, row.from != row.to || row.cause != row.why);
    }
}

TEST(WorkerStatus, Draining_is_final) {
    for (int event = 0; event <= static_cast<int>(StatusEvent::drain); ++event) {
        const auto change = next(Status::draining, Cause::none, static_cast<StatusEvent>(event));
        EXPECT_EQ(change.status, Status::draining);
        EXPECT_FALSE(change.changed);
    }
}

}  // namespace
}  // namespace smg::workers
