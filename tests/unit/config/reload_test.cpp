#include "config/reload.hpp"

#include <gtest/gtest.h>

namespace smg::config {
namespace {

using Texts = std::vector<std::string>;

TEST(ReloadTest, NamesWhatOnlyARestartApplies) {
    Config running, wanted;
    EXPECT_EQ(needing_restart(running, wanted), Texts{});
    wanted.port = 1;
    wanted.threads = 7;
    wanted.state_path = "smg.db";
    wanted.state_key = Secret("k");
    wanted.request_timeout = std::chrono::seconds(1);
    wanted.aliases = {{"a", "b"}};
    EXPECT_EQ(needing_restart(running, wanted), (Texts{"port", "threads", "state", "SMG_STATE_KEY"}));
}

TEST(ReloadTest, VendorsAreComparedByWhatTheySayNotByTheirLine) {
    Config running, wanted;
    running.vendors.push_back({});
    running.vendors.front().name = "acme";
    running.vendors.front().where = "smg.toml:1";
    wanted.vendors = running.vendors;
    wanted.vendors.front().where = "smg.toml:9";
    EXPECT_TRUE(same_vendors(running, wanted));
    wanted.vendors.front().api_root = "/v9";
    EXPECT_FALSE(same_vendors(running, wanted));
    EXPECT_EQ(needing_restart(running, wanted), Texts{});
}

TEST(ReloadTest, WhatStaysIsTheRunningProcesss) {
    Config running, wanted;
    running.port = 1;
    wanted.port = 2;
    wanted.api_key = Secret("new");
    const auto next = applicable(running, wanted);
    EXPECT_EQ(next.port, 1);
    EXPECT_EQ(next.api_key.reveal(), "new");
    EXPECT_EQ(needing_restart(next, wanted), Texts{"port"}) << "said again at the next reload";
}

TEST(ReloadTest, AdmissionAppliesAtOnce) {
    Config running, wanted;
    wanted.admission.queue_size = 7;
    wanted.admission.requests_per_second = 2;
    EXPECT_EQ(needing_restart(running, wanted), Texts{});
    EXPECT_EQ(applicable(running, wanted).admission.queue_size, 7);
}

}  // namespace
}  // namespace smg::config
