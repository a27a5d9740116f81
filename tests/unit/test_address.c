#include "common/base/address.h"

#include "tests/support/unit.h"

#include <netinet/in.h>
#include <string.h>

static struct address address(const char *text)
{
    struct address a;
    ck_assert_msg(address_read(text, &a), "%s", text);
    return a;
}

static const char *printed(const struct address *a)
{
    static char text[ADDRESS_SIZE];
    address_print(a, text);
    return text;
}

START_TEST(address_keeps_ipv6_whole_and_takes_nothing_else)
{
    static const struct {
        const char *text, *address;
    } good[] = {{"192.0.2.1", "192.0.2.1"},
                {"2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"},
                {"2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8:1111:2222:3333:4444:5555:6666"},
                {"::ffff:192.0.2.1", "192.0.2.1"},
                {"::FFFF:c000:201", "192.0.2.1"},
                {"::", "::"}};
    static const char *const bad[] = {"",          "unknown",    "192.0.2",   "192.0.2.1:80", "[::1]",
                                      "::1%eth0",  "10.0.0.0/8", "1.2.3.4 ",  "010.1.2.3",    "1:2:3:4:5:6:7:8:9",
                                      "2001:db8:", "<script>",   "1.2.3.400", "\xff",         "0x7f.1"};
    struct address out = address("2001:db8::7");
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!address_read(bad[i], &out), "%s", bad[i]);
    ck_assert_str_eq(printed(&out), "2001:db8::7");
    for (size_t i = 0; i < COUNT(good); i++) {
        out = address(good[i].text);
        ck_assert_str_eq(printed(&out), good[i].address);
    }
}
END_TEST

START_TEST(address_knows_loopback_and_any_of_both_families)
{
    static const struct {
        const char *text;
        bool v4, loopback, any;
    } rows[] = {
        {"127.0.0.1", .v4 = true, .loopback = true},
        {"127.255.0.9", .v4 = true, .loopback = true},
        {"::ffff:127.0.0.1", .v4 = true, .loopback = true},
        {"128.0.0.1", .v4 = true},
        {"0.0.0.0", .v4 = true, .any = true},
        {"::ffff:0.0.0.0", .v4 = true, .any = true},
        {"::1", .loopback = true},
        {"::", .any = true},
        {"::2"},
        {"::127.0.0.1"},
        {"2001:db8::1"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct address a = address(rows[i].text);
        ck_assert_msg(address_is_v4(&a) == rows[i].v4 && address_is_loopback(&a) == rows[i].loopback &&
                          address_is_any(&a) == rows[i].any,
                      "%s", rows[i].text);
    }
}
END_TEST

START_TEST(address_comes_back_from_a_socket_address)
{
    static const struct {
        const char *text;
        sa_family_t family;
    } rows[] = {{"192.0.2.1", AF_INET}, {"::ffff:192.0.2.1", AF_INET}, {"2001:db8::1", AF_INET6}, {"::", AF_INET6}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sockaddr_storage at;
        struct address a = address(rows[i].text), back;
        socklen_t size = address_with_port(&a, 8101, &at);
        ck_assert_uint_eq(size, rows[i].family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
        ck_assert_int_eq(at.ss_family, rows[i].family);
        ck_assert_int_eq(address_port(&at), 8101);
        ck_assert(address_of((const struct sockaddr *)&at, &back));
        ck_assert_mem_eq(&back, &a, sizeof a);
    }
    struct address none;
    ck_assert(!address_of(NULL, &none));
    ck_assert(!address_of(&(struct sockaddr){.sa_family = AF_UNIX}, &none));
}
END_TEST

START_TEST(network_has_what_shares_its_prefix)
{
    static const struct {
        const char *network, *inside, *outside;
    } rows[] = {
        {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
        {"192.0.2.7/32", "192.0.2.7", "192.0.2.6"},
        {"192.0.2.7/31", "192.0.2.6", "192.0.2.8"},
        {"10.1.2.3/8", "10.255.0.1", "11.0.0.0"},
        {"10.64.0.0/10", "10.127.255.255", "10.128.0.0"},
        {"128.0.0.0/1", "255.0.0.1", "127.255.255.255"},
        {"0.0.0.0/0", "203.0.113.9", "2001:db8::1"},
        {"192.0.2.0/24", "::ffff:192.0.2.200", "::ffff:192.0.3.1"},
        {"::ffff:192.0.2.0/120", "192.0.2.200", "192.0.3.1"},
        {"::ffff:0:0/96", "192.0.2.1", "::fffe:0:0"},
        {"::1", "::1", "127.0.0.1"},
        {"::1/128", "::1", "::"},
        {"2001:db8::/127", "2001:db8::1", "2001:db8::2"},
        {"2001:db8:ffff::/33", "2001:db8:8000::1", "2001:db8:7fff::1"},
        {"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"},
        {"fd00::/8", "fdff::1", "fc00::1"},
        {"::/0", "2001:db8::1", "192.0.2.1"},
        {"::ffff:0:0/95", "::fffe:0:0", "192.0.2.1"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct network n;
        struct address inside = address(rows[i].inside), outside = address(rows[i].outside);
        ck_assert_msg(network_read(rows[i].network, &n), "%s", rows[i].network);
        ck_assert_msg(network_has(&n, &inside), "%s is not in %s", rows[i].inside, rows[i].network);
        ck_assert_msg(!network_has(&n, &outside), "%s is in %s", rows[i].outside, rows[i].network);
    }
}
END_TEST

START_TEST(network_takes_nothing_else)
{
    static const char *const bad[] = {
        "",
        "/",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/ 8",
        "10.0.0.0/8 ",
        "10.0/8",
        "10.0.0.0//8",
        "10.0.0.0/8/8",
        "10.0.0.0/0008",
        "10.0.0.0/x",
        "gateway",
        "::1/129",
        "::/",
        "[::1]/128",
        "[::1]",
        "fe80::1%eth0/64",
        "2001:db8::/32x",
        "::/1280",
        "*",
    };
    struct network n;
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_msg(!network_read(bad[i], &n), "%s", bad[i]);
}
END_TEST

START_TEST(networks_are_a_list_that_is_good_as_a_whole)
{
    struct networks list;
    struct address proxy = address("10.1.1.1"), other = address("2001:db8::1"), stranger = address("192.0.2.1");
    ck_assert(networks_read(" 10.0.0.0/8,2001:db8::/32  ::1, ", &list));
    ck_assert_uint_eq(list.count, 3);
    ck_assert(networks_have(&list, &proxy) && networks_have(&list, &other) && !networks_have(&list, &stranger));
    ck_assert(!networks_read("10.0.0.0/8, gateway", &list));
    ck_assert(!networks_read("10.0.0.0/8;::1", &list));
    ck_assert_uint_eq(list.count, 3);
    ck_assert(networks_read("", &list));
    ck_assert(!networks_have(&list, &proxy));
    char many[NETWORKS_MAX * 4 + 8] = "";
    for (int i = 0; i < NETWORKS_MAX; i++)
        strcat(many, "::1 ");
    ck_assert(networks_read(many, &list));
    ck_assert(!networks_read(strcat(many, "::1"), &list));
}
END_TEST

int main(void)
{
    return UNIT_TESTS(address_keeps_ipv6_whole_and_takes_nothing_else, address_knows_loopback_and_any_of_both_families,
                      address_comes_back_from_a_socket_address, network_has_what_shares_its_prefix,
                      network_takes_nothing_else, networks_are_a_list_that_is_good_as_a_whole);
}
