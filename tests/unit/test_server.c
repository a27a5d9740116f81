/* The edge to HTTP, without a database: what every request and every reply go through. */
#include "common/base/log.h"
#include "common/http/reply.h"
#include "common/http/server.h"
#include "tests/support/api.h"
#include "tests/support/memory.h"
#include "tests/support/unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct note {
    const char *text;
    struct maybe_integer size, version;
};
LOCAL_SCHEMA(note_schema, "Note", struct note, FIELD_TEXT(struct note, text, .rules = REQUIRED),
             FIELD_INTEGER(struct note, size, .rules = READ_ONLY),
             FIELD_INTEGER(struct note, version, .rules = HIDDEN));

static sem_t entered, go_on;

static enum status note_get(struct request *rq)
{
    struct note n = {.text = request_variable(rq, "note_id"), .version = {true, 3}};
    return reply_record(rq, &n);
}

static enum status note_create(struct request *rq)
{
    struct note n = {0};
    TRY(request_input(rq, &n));
    n.size = (struct maybe_integer){true, (int64_t)rq->body_size};
    return reply_record(rq, &n);
}

static enum status note_wait(struct request *rq)
{
    sem_post(&entered);
    sem_wait(&go_on);
    return reply_text(rq, "text/plain", "waited");
}

static enum status note_break(struct request *rq)
{
    return fail(&rq->problem, FAULT, NULL, "a secret of ours");
}

enum { BODY_MAX = 2000 };

static enum status note_address(struct request *rq)
{
    return reply_text(rq, "text/plain", rq->client_address ? rq->client_address : "none");
}

static const char *const pictures[] = {"image/png", NULL};

static enum status note_draw(struct request *rq)
{
    struct note n = {.text = "drawn", .version = {true, 3}};
    if (request_wants_json(rq))
        return reply_record(rq, &n);
    return reply_bytes(rq, rq->media_type, "\x89PNG\r\n", 6);
}

/* The reply repeats an uploaded file. */
struct parcel {
    const char *label, *name, *media_type, *head;
    struct maybe_integer size;
};
LOCAL_SCHEMA(parcel_schema, "Parcel", struct parcel, FIELD_TEXT(struct parcel, label, .max = 20),
             FIELD_TEXT(struct parcel, name, .rules = READ_ONLY),
             FIELD_TEXT(struct parcel, media_type, .rules = READ_ONLY),
             FIELD_TEXT(struct parcel, head, .rules = READ_ONLY),
             FIELD_INTEGER(struct parcel, size, .rules = READ_ONLY));

enum { UPLOAD_MAX = 4 * 1024 * 1024 };
static const char *const table_types[] = {"text/csv", "text/plain", NULL};
static const struct upload_rule table_upload = {UPLOAD_MAX, table_types, "A table"};
enum { ARCHIVE_SIZE = 200 * 1000 * 1000 };
static const struct upload_rule archive_upload = {ARCHIVE_SIZE, table_types, "Many tables"};

static enum status parcel_create(struct request *rq)
{
    struct parcel p = {0};
    TRY(request_input(rq, &p));
    char head[9] = "";
    ck_assert_int_ge(read(rq->upload->fd, head, 8), 0);
    p.name = rq->upload->name;
    p.media_type = rq->upload->media_type;
    p.head = arena_text(rq->arena, head);
    p.size = (struct maybe_integer){true, (int64_t)rq->upload->size};
    return reply_record(rq, &p);
}

static enum status parcel_echo(struct request *rq)
{
    return reply_file(rq, "text/csv", dup(rq->upload->fd), rq->upload->size);
}

#define TAKES_TABLE .upload = &table_upload, .input_from = FROM_QUERY
static const struct route routes[] = {
    {"GET",
     "/picture",
     note_draw,
     {.roles = ANYONE},
     "note.draw",
     "One",
     .output = &note_schema,
     .media_types = pictures},
    {"POST",
     "/parcels",
     parcel_create,
     {.roles = ANYONE},
     "parcel.create",
     "New",
     .input = &parcel_schema,
     TAKES_TABLE,
     .output = &parcel_schema,
     .success = 201},
    {"POST",
     "/closed",
     parcel_create,
     {.roles = ADMINS},
     "parcel.create",
     "New",
     .input = &parcel_schema,
     TAKES_TABLE,
     .output = &parcel_schema,
     .success = 201},
    {"POST",
     "/archive",
     parcel_create,
     {.roles = ANYONE},
     "parcel.create",
     "New",
     .input = &parcel_schema,
     .upload = &archive_upload,
     .input_from = FROM_QUERY,
     .output = &parcel_schema,
     .success = 201},
    {"POST", "/echo", parcel_echo, {.roles = ANYONE}, "parcel.echo", "Echo", TAKES_TABLE},
    {"GET", "/address", note_address, {.roles = ANYONE}, "note.address", "Whence"},
    {"GET", "/notes/:note_id", note_get, {.roles = ANYONE}, "note.read", "One", .output = &note_schema},
    {"POST",
     "/notes",
     note_create,
     {.roles = ANYONE},
     "note.create",
     "New",
     .input = &note_schema,
     .input_from = FROM_JSON,
     .output = &note_schema,
     .success = 201,
     .body_max = BODY_MAX},
    {"DELETE", "/notes/:note_id", note_get, {.roles = ADMINS}, "note.delete", "Gone", .output = &note_schema},
    {"GET", "/wait", note_wait, {.roles = ANYONE}, "note.wait", "Wait"},
    {"GET", "/break", note_break, {.roles = ANYONE}, "note.break", "Break"},
    {0}};

static struct world {
    struct db_pool *pool;
    struct trust *trust;
    struct server *server;
    int port;
} world;

/* proxies: the networks that are believed. */
static struct server *serve_on(const char *address, int threads, const char *proxies)
{
    struct server_config config = {.address = address,
                                   .threads = threads,
                                   .routes = routes,
                                   .pool = world.pool,
                                   .trust = world.trust,
                                   .trusted_proxy = proxies,
                                   .cors_origins = "https://clinic.example, https://lab.example"};
    return server_start(&config);
}

static struct server *serve_by(int threads, const char *proxies)
{
    return serve_on("127.0.0.1", threads, proxies);
}

static struct server *serve(const char *proxies)
{
    return serve_by(2, proxies);
}

static struct reply get(const char *path, const char *header)
{
    return api_call((struct call){.method = "GET", .path = path, .port = world.port, .headers = {header}});
}

static struct reply options(const char *path, const char *origin)
{
    return api_call((struct call){.method = "OPTIONS",
                                  .path = path,
                                  .port = world.port,
                                  .headers = {origin, "Access-Control-Request-Method: POST"}});
}

static void ck_header(const struct reply *r, const char *name, const char *expected)
{
    const char *value = header_of(r, name);
    ck_assert_msg(value != NULL, "no %s in %s", name, r->headers);
    ck_assert_str_eq(value, expected);
}

static int send_raw(int port, const char *bytes)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), (ssize_t)strlen(bytes));
    return fd;
}

static char *receive_all(int fd)
{
    char *answer = calloc(1, 65536);
    size_t size = 0;
    ssize_t step;
    while ((step = recv(fd, answer + size, 65535 - size, 0)) > 0)
        size += (size_t)step;
    close(fd);
    return answer;
}

/* Bytes that no well-behaved client sends; the whole answer. */
static char *raw(const char *bytes)
{
    return receive_all(send_raw(world.port, bytes));
}

START_TEST(a_reply_carries_what_every_reply_carries)
{
    REPLY r = get("/notes/7", NULL);
    ck_reply(&r, 200, "text", "7");
    ck_header(&r, "Content-Type", "application/json");
    ck_header(&r, "Cache-Control", "no-store");
    ck_header(&r, "ETag", TAG(3));
    ck_assert_uint_eq(strlen(header_of(&r, "X-Request-Id")), 32);
}
END_TEST

START_TEST(a_picture_is_given_to_callers_who_accept_it)
{
    REPLY json = get("/picture", NULL), png = get("/picture", "Accept: image/*");
    REPLY nothing = get("/picture", "Accept: text/html");
    ck_header(&json, "Content-Type", "application/json");
    ck_assert_ptr_nonnull(strstr(json.headers, "Vary: Origin\r\nVary: Accept\r\n"));
    ck_header(&png, "Content-Type", "image/png");
    ck_assert_uint_eq(png.size, 6);
    ck_reply(&nothing, 406, "type", "/problems/not-acceptable");
    ck_assert_ptr_nonnull(strstr(nothing.headers, "Vary: Accept\r\n"));
}
END_TEST

START_TEST(head_is_get_without_a_body)
{
    REPLY r = api_call((struct call){.method = "HEAD", .path = "/notes/7", .port = world.port});
    ck_assert_int_eq(r.status, 200);
    ck_assert_uint_eq(r.size, 0);
    ck_header(&r, "ETag", TAG(3));
}
END_TEST

START_TEST(an_unknown_path_is_a_problem_document)
{
    REPLY r = get("/nowhere", NULL);
    ck_reply(&r, 404, "type", "/problems/not-found");
    ck_header(&r, "Content-Type", "application/problem+json");
    ck_assert_str_eq(text_at(&r, "/request_id"), header_of(&r, "X-Request-Id"));
}
END_TEST

START_TEST(a_wrong_method_gets_the_list_of_right_ones)
{
    REPLY r = api_call((struct call){.method = "PUT", .path = "/notes/7", .port = world.port});
    ck_reply(&r, 405, "type", "/problems/method-not-allowed");
    ck_header(&r, "Allow", "GET, HEAD, DELETE, OPTIONS");
}
END_TEST

START_TEST(a_method_of_arbitrary_bytes_gets_an_answer_in_utf8)
{
    char *answer = raw("G\xFF\xC3T /notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    ck_assert_msg(strstr(answer, "HTTP/1.1 4") == answer, "%s", answer);
    const char *body = strstr(answer, "\r\n\r\n");
    json_auto_t *json = body ? json_loads(body, 0, NULL) : NULL;
    ck_assert_msg(json != NULL || !body || body[4] == '\0', "%s", answer);
    free(answer);
}
END_TEST

START_TEST(variables_keep_an_encoded_slash)
{
    REPLY r = get("/notes/a%2F..%2Fb", NULL);
    ck_reply(&r, 200, "text", "a/../b");
}
END_TEST

START_TEST(a_query_does_not_reach_into_the_path)
{
    REPLY r = get("/notes/7?note_id=8", NULL);
    ck_reply(&r, 422, "errors/0/pointer", "/note_id");
}
END_TEST

static struct reply post_of_size(size_t size)
{
    char *body = malloc(size + 1);
    snprintf(body, size + 1, R"({"text":"x"%*s})", (int)size - 12, "");
    struct reply r =
        api_call((struct call){.method = "POST", .path = "/notes", .body = body, .size = size, .port = world.port});
    free(body);
    return r;
}

START_TEST(a_body_at_the_limit_is_taken_and_one_beyond_is_not)
{
    REPLY fits = post_of_size(BODY_MAX);
    ck_reply(&fits, 201, "size", "2000");
    REPLY too_large = post_of_size(BODY_MAX + 1);
    ck_reply(&too_large, 413, "type", "/problems/too-large");
    REPLY far_too_large = post_of_size(3000000);
    ck_reply(&far_too_large, 413, "type", "/problems/too-large");
}
END_TEST

static struct reply post_file(const char *path, const char *type, const char *body, size_t size)
{
    return api_call(
        (struct call){.method = "POST", .path = path, .type = type, .body = body, .size = size, .port = world.port});
}

static struct reply post_parts(const char *parts)
{
    return post_file("/parcels", R"(multipart/form-data; boundary="b b")", parts, 0);
}

#define FILE_PART \
    "--b b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: " \
    "Text/CSV\r\n\r\n1;2\r\n\r\n"
#define LABEL_PART "--b b\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\nblue\r\n"

START_TEST(a_file_arrives_as_the_body_or_as_a_part)
{
    REPLY raw_file = post_file("/parcels?label=red", "text/csv; charset=utf-8", "a,b\n", 4);
    ck_reply(&raw_file, 201, "label", "red");
    ck_reply(&raw_file, 201, "head", "a,b\n");
    ck_reply(&raw_file, 201, "media_type", "text/csv");
    REPLY parts = post_parts(FILE_PART LABEL_PART "--b b--\r\n");
    ck_reply(&parts, 201, "label", "blue");
    ck_reply(&parts, 201, "head", "1;2\r\n");
    ck_reply(&parts, 201, "name", "a.csv");
    ck_reply(&parts, 201, "media_type", "text/csv");
    REPLY nothing = post_file("/parcels", "text/plain", "", 0);
    ck_reply(&nothing, 201, "size", "0");
}
END_TEST

START_TEST(parts_are_decoded_like_any_input)
{
    REPLY twice = post_parts(FILE_PART LABEL_PART LABEL_PART "--b b--");
    ck_refuses(&twice, "/label");
    REPLY two_files = post_parts(FILE_PART FILE_PART "--b b--");
    ck_refuses(&two_files, "/file");
    REPLY none = post_parts(LABEL_PART "--b b--");
    ck_refuses(&none, "/file");
    REPLY unknown = post_parts(FILE_PART "--b b\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--b b--");
    ck_refuses(&unknown, "/x");
    REPLY broken = post_parts(FILE_PART);
    ck_reply(&broken, 400, "type", "/problems/malformed");
    REPLY other_type = post_file("/parcels", "application/json", "{}", 0);
    ck_reply(&other_type, 415, "type", "/problems/unsupported-type");
}
END_TEST

START_TEST(a_file_at_the_limit_is_taken_and_one_beyond_is_not)
{
    char *bytes = malloc(UPLOAD_MAX + 1000000);
    memset(bytes, 'x', UPLOAD_MAX + 1000000);
    REPLY fits = post_file("/parcels", "text/csv", bytes, UPLOAD_MAX);
    ck_reply(&fits, 201, "size", "4194304");
    REPLY too_large = post_file("/parcels", "text/csv", bytes, UPLOAD_MAX + 1);
    ck_reply(&too_large, 413, "type", "/problems/too-large");
    REPLY back = post_file("/echo", "text/csv", bytes, UPLOAD_MAX);
    ck_assert_int_eq(back.status, 200);
    ck_assert_uint_eq(back.size, UPLOAD_MAX);
    ck_assert(memcmp(back.body, bytes, UPLOAD_MAX) == 0);
    size_t head = sizeof FILE_PART - 1 - 4;
    memcpy(bytes, FILE_PART, head);
    REPLY part_too_large = post_file("/parcels", R"(multipart/form-data; boundary="b b")", bytes, UPLOAD_MAX + 1000000);
    ck_reply(&part_too_large, 413, "type", "/problems/too-large");
    free(bytes);
}
END_TEST

START_TEST(texts_beside_a_file_are_bounded)
{
    static const char head[] = "--b b\r\nContent-Disposition: form-data; name=\"label\"\r\n\r\n";
    size_t size = UPLOAD_TEXTS_MAX + 1000;
    char *bytes = malloc(size);
    memset(bytes, 'x', size);
    memcpy(bytes, head, sizeof head - 1);
    REPLY r = post_file("/parcels", R"(multipart/form-data; boundary="b b")", bytes, size);
    ck_reply(&r, 413, "type", "/problems/too-large");
    free(bytes);
}
END_TEST

START_TEST(nothing_is_kept_of_a_file_from_somebody_who_may_not_send_it)
{
    char *bytes = calloc(1, UPLOAD_MAX);
    REPLY r = post_file("/closed", "text/csv", bytes, UPLOAD_MAX);
    ck_reply(&r, 401, "type", "/problems/unauthenticated");
    free(bytes);
    char *early = raw("POST /closed HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 4000000\r\n"
                      "Expect: 100-continue\r\n\r\n");
    ck_assert_msg(strstr(early, "HTTP/1.1 401") == early, "%s", early);
    free(early);
}
END_TEST

/* libmicrohttpd ends the upload at once only of some methods; none may be answered twice. */
START_TEST(a_refused_client_that_sends_on_is_answered_once)
{
    static const char *const methods[] = {"POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < COUNT(methods); i++) {
        char request[400];
        snprintf(request, sizeof request,
                 "%s /notes/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n"
                 "Connection: close\r\n\r\n12345",
                 methods[i]);
        char *answer = raw(request), *first = strstr(answer, "HTTP/1.1 4");
        ck_assert_msg(first && !strstr(first + 1, "HTTP/1.1 "), "%s", answer);
        free(answer);
    }
}
END_TEST

START_TEST(a_client_that_sends_without_end_is_cut_off)
{
    enum { CHUNK = 1024 * 1024 };
    char *chunk = malloc(CHUNK);
    memset(chunk, 'x', CHUNK);
    int sent = 0, fd = send_raw(world.port, "POST /closed HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\n"
                                            "Content-Length: 4000000000\r\n\r\n");
    while (sent < 1024 && send(fd, chunk, CHUNK, MSG_NOSIGNAL) == CHUNK)
        sent++;
    ck_assert_int_ge(sent, 200); /* a client that is refused can send what it has, and read the answer */
    ck_assert_int_lt(sent, 400);
    close(fd);
    free(chunk);
}
END_TEST

/* The answer to so many bytes that come piece by piece; nothing of them is kept on this side either. */
static char *send_much(const char *path, size_t size)
{
    static char piece[64 * 1024];
    char head[200];
    snprintf(
        head, sizeof head,
        "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/csv\r\nContent-Length: %zu\r\n\r\n",
        path, size);
    int fd = send_raw(world.port, head);
    memset(piece, 'x', sizeof piece);
    while (size > 0) {
        ssize_t sent = send(fd, piece, size < sizeof piece ? size : sizeof piece, MSG_NOSIGNAL);
        ck_assert_int_gt(sent, 0);
        size -= (size_t)sent;
    }
    return receive_all(fd);
}

START_TEST(a_large_body_takes_no_memory_whether_it_is_taken_or_refused)
{
    static const struct {
        const char *path, *answer;
    } ways[] = {{"/notes", "HTTP/1.1 413"}, {"/closed", "HTTP/1.1 401"}, {"/archive", "HTTP/1.1 201"}};
    for (size_t i = 0; i < COUNT(ways); i++) {
        long before = memory_begin();
        char *answer = send_much(ways[i].path, ARCHIVE_SIZE);
        long grown = memory_grown(before);
        ck_assert_msg(strstr(answer, ways[i].answer) == answer, "%s", answer);
        ck_assert_msg(!MEMORY_COUNTS || grown < 4 * 1024, "%s took %ld KiB", ways[i].path, grown);
        free(answer);
    }
}
END_TEST

START_TEST(a_refusal_leaves_the_connection_as_it_was)
{
    char *answer = raw("POST /closed HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 5\r\n\r\n12345"
                       "POST /notes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                       "GET /notes/7 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    char *second = strstr(answer, "HTTP/1.1 415"), *third = second ? strstr(second, "HTTP/1.1 200") : NULL;
    ck_assert_msg(strstr(answer, "HTTP/1.1 401") == answer && third && strstr(third, R"("text":"7")"), "%s", answer);
    free(answer);
}
END_TEST

START_TEST(a_body_without_a_declared_length_is_read_to_its_end)
{
    char *answer = raw("POST /notes HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"text\":\r\n4\r\n\"x\"}\r\n0\r\n\r\n");
    ck_assert_msg(strstr(answer, "HTTP/1.1 201") == answer, "%s", answer);
    free(answer);
}
END_TEST

START_TEST(a_fault_tells_nothing)
{
    REPLY r = get("/break", NULL);
    ck_reply(&r, 500, "type", "/problems/fault");
    ck_assert_ptr_null(strstr(r.body, "secret"));
}
END_TEST

START_TEST(routes_that_need_a_login_are_refused_without)
{
    REPLY r = api_call((struct call){.method = "DELETE", .path = "/notes/7", .port = world.port});
    ck_reply(&r, 401, "type", "/problems/unauthenticated");
    ck_header(&r, "WWW-Authenticate", "Bearer");
}
END_TEST

START_TEST(a_cookie_that_is_not_believed_does_not_close_what_is_open)
{
    REPLY by_cookie = get("/notes/7", "Cookie: mnemos_session=stale");
    ck_assert_int_eq(by_cookie.status, 200);
    REPLY by_token = get("/notes/7", "Authorization: Bearer stale");
    ck_assert_int_ne(by_token.status, 200);
}
END_TEST

START_TEST(the_proxys_request_id_is_kept)
{
    REPLY kept = get("/notes/7", "X-Request-Id: abc-DEF_123");
    ck_header(&kept, "X-Request-Id", "abc-DEF_123");
    REPLY replaced = get("/notes/7", "X-Request-Id: <script>");
    ck_assert_uint_eq(strlen(header_of(&replaced, "X-Request-Id")), 32);
}
END_TEST

START_TEST(a_strangers_request_id_is_not_kept)
{
    struct server *s = serve("10.0.0.0/8, 192.0.2.1");
    REPLY r = api_call(
        (struct call){.method = "GET", .path = "/notes/7", .port = server_port(s), .headers = {"X-Request-Id: abc"}});
    ck_assert_uint_eq(strlen(header_of(&r, "X-Request-Id")), 32);
    server_stop(s);
}
END_TEST

static void ck_address(const char *forwarded, const char *expected)
{
    REPLY r = get("/address", text_of("X-Forwarded-For: %s", forwarded));
    ck_assert_str_eq(text_of("%.*s", (int)strcspn(r.body, "\n"), r.body), expected);
}

START_TEST(the_proxys_address_is_taken_whole_and_no_garbage_is)
{
    ck_address("2001:db8:1111:2222:3333:4444:5555:6666", "2001:db8:1111:2222:3333:4444:5555:6666");
    ck_address("::FFFF:198.51.100.7", "198.51.100.7");
    ck_address("198.51.100.7, 2001:DB8::0:1 ", "2001:db8::1"); /* what the proxy saw comes last */
    static const char *const garbage[] = {"198.51.100.7,", "unknown",  "2001:db8::1, x",  "198.51.100.7:443",
                                          "[2001:db8::1]", "<script>", "1.2.3.4 5.6.7.8", "2001:db8::1%25eth0"};
    for (size_t i = 0; i < COUNT(garbage); i++)
        ck_address(garbage[i], "127.0.0.1");
    char endless[5000];
    memset(endless, '1', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    ck_address(endless, "127.0.0.1");
}
END_TEST

START_TEST(a_strangers_word_about_its_address_is_not_taken)
{
    struct server *s = serve("10.0.0.0/8, 192.0.2.1");
    REPLY r = api_call((struct call){
        .method = "GET", .path = "/address", .port = server_port(s), .headers = {"X-Forwarded-For: 2001:db8::1"}});
    ck_assert_str_eq(text_of("%.*s", (int)strcspn(r.body, "\n"), r.body), "127.0.0.1");
    server_stop(s);
}
END_TEST

/* The address that this server believes a client at that address of this machine to have. */
static void ck_seen(const struct server *s, const char *host, const char *expected)
{
    REPLY r = api_call((struct call){.method = "GET",
                                     .path = "/address",
                                     .host = host,
                                     .port = server_port(s),
                                     .headers = {"X-Forwarded-For: 2001:db8::7"}});
    ck_assert_str_eq(text_of("%.*s", (int)strcspn(r.body, "\n"), r.body), expected);
}

START_TEST(a_server_on_ipv6_knows_its_clients_and_believes_its_proxy)
{
    if (!has_ipv6())
        return;
    static const struct {
        const char *proxies, *seen;
    } rows[] = {{"::1", "2001:db8::7"},
                {"::/64", "2001:db8::7"},
                {"::/0", "2001:db8::7"},
                {"::2", "::1"},
                {"0.0.0.0/0", "::1"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct server *s = serve_on("::1", 2, rows[i].proxies);
        ck_seen(s, "[::1]", rows[i].seen);
        server_stop(s);
    }
}
END_TEST

START_TEST(a_server_on_all_addresses_sees_clients_of_ipv4_as_such)
{
    if (!has_ipv6())
        return;
    static const struct {
        const char *proxies, *v4, *v6;
    } rows[] = {{"127.0.0.0/8", "2001:db8::7", "::1"},
                {"::ffff:127.0.0.1", "2001:db8::7", "::1"},
                {"::/0", "127.0.0.1", "2001:db8::7"},
                {"10.0.0.0/8 127.0.0.1/32,::1/128", "2001:db8::7", "2001:db8::7"},
                {NULL, "127.0.0.1", "::1"}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct server *s = serve_on("::", 2, rows[i].proxies);
        ck_seen(s, "127.0.0.1", rows[i].v4);
        ck_seen(s, "[::1]", rows[i].v6);
        server_stop(s);
    }
}
END_TEST

START_TEST(a_known_origin_may_read_the_reply)
{
    REPLY r = get("/notes/7", "Origin: https://lab.example");
    ck_header(&r, "Access-Control-Allow-Origin", "https://lab.example");
    ck_header(&r, "Access-Control-Allow-Credentials", "true");
    ck_header(&r, "Vary", "Origin");
}
END_TEST

START_TEST(an_unknown_origin_may_not)
{
    static const char *const origins[] = {"Origin: https://evil.example",
                                          "Origin: https://lab.example.evil",
                                          "Origin: https://lab.exampl",
                                          "Origin: null",
                                          "Origin: *",
                                          "Origin: http://lab.example",
                                          "Origin: https://lab.example:8443",
                                          "Origin: https://www.lab.example",
                                          "Origin: https://lab.example/",
                                          "Origin: https://LAB.example",
                                          "Origin: lab.example",
                                          "Origin: https://clinic.example, https://lab.example"};
    for (size_t i = 0; i < COUNT(origins); i++) {
        REPLY r = get("/notes/7", origins[i]);
        ck_assert_ptr_null(header_of(&r, "Access-Control-Allow-Origin"));
        ck_assert_ptr_null(header_of(&r, "Access-Control-Allow-Credentials"));
        ck_header(&r, "Vary", "Origin");
        REPLY preflight = options("/notes", origins[i]);
        ck_assert_ptr_null(header_of(&preflight, "Access-Control-Allow-Origin"));
    }
}
END_TEST

START_TEST(a_preflight_is_answered)
{
    REPLY r = options("/notes", "Origin: https://clinic.example");
    ck_assert_int_eq(r.status, 204);
    ck_header(&r, "Access-Control-Allow-Methods", "POST, OPTIONS");
    ck_header(&r, "Access-Control-Allow-Origin", "https://clinic.example");
    REPLY nowhere = options("/nowhere", "Origin: https://clinic.example");
    ck_assert_int_eq(nowhere.status, 404);
}
END_TEST

START_TEST(requests_are_counted_by_route_and_status)
{
    struct server *s = serve("");
    for (int i = 0; i < 3; i++) {
        REPLY r = api_call((struct call){.method = "GET", .path = "/notes/7", .port = server_port(s)});
        ck_assert_int_eq(r.status, 200);
    }
    REPLY nowhere = api_call((struct call){.method = "GET", .path = "/nowhere", .port = server_port(s)});
    ck_assert_int_eq(nowhere.status, 404);
    struct writer w = {0};
    server_metrics(s, &w);
    ck_assert(
        strstr(w.bytes, "mnemos_http_requests_total{method=\"GET\",route=\"/notes/:note_id\",status=\"200\"} 3\n"));
    ck_assert(strstr(w.bytes, "mnemos_http_requests_total{method=\"\",route=\"\",status=\"404\"} 1\n"));
    ck_assert(strstr(w.bytes, "_count{method=\"GET\",route=\"/notes/:note_id\"} 3\n"));
    writer_release(&w);
    server_stop(s);
}
END_TEST

START_TEST(a_draining_server_closes_its_connections)
{
    struct server *s = serve("");
    server_drain(s);
    REPLY r = api_call((struct call){.method = "GET", .path = "/notes/7", .port = server_port(s)});
    ck_assert_int_eq(r.status, 200);
    ck_header(&r, "Connection", "close");
    server_stop(s);
}
END_TEST

struct slow_call {
    int port;
    struct reply reply;
};

static void *call_slowly(void *arg)
{
    struct slow_call *call = arg;
    call->reply = api_call((struct call){.method = "GET", .path = "/wait", .port = call->port});
    return NULL;
}

static void *stop_server(void *server)
{
    server_stop(server);
    return NULL;
}

START_TEST(requests_in_flight_are_answered_before_the_stop)
{
    struct server *s = serve("");
    struct slow_call call = {.port = server_port(s)};
    pthread_t caller, stopper;
    pthread_create(&caller, NULL, call_slowly, &call);
    sem_wait(&entered);
    pthread_create(&stopper, NULL, stop_server, s);
    sem_post(&go_on);
    pthread_join(stopper, NULL);
    pthread_join(caller, NULL);
    ck_assert_int_eq(call.reply.status, 200);
    ck_assert(strncmp(call.reply.body, "waited", 6) == 0);
    reply_drop(&call.reply);
}
END_TEST

/* The only thread is busy, so the second client waits in the queue of the listening socket. */
START_TEST(connected_clients_are_answered_before_the_stop)
{
    struct server *s = serve_by(1, "");
    struct slow_call call = {.port = server_port(s)};
    pthread_t caller, stopper;
    pthread_create(&caller, NULL, call_slowly, &call);
    sem_wait(&entered);
    int waiting = send_raw(call.port, "GET /notes/7 HTTP/1.1\r\nHost: here\r\n\r\n");
    pthread_create(&stopper, NULL, stop_server, s);
    sem_post(&go_on);
    char *answer = receive_all(waiting);
    pthread_join(stopper, NULL);
    pthread_join(caller, NULL);
    ck_assert_msg(strncmp(answer, "HTTP/1.1 200", 12) == 0, "answered with '%s'", answer);
    ck_assert_int_eq(call.reply.status, 200);
    reply_drop(&call.reply);
    free(answer);
}
END_TEST

START_TEST(a_busy_port_and_a_wrong_address_are_refused)
{
    struct server_config busy = {.address = "127.0.0.1", .port = world.port, .threads = 2, .routes = routes};
    ck_assert_ptr_null(server_start(&busy));
    ck_assert_int_eq(server_listen("localhost", 0), -1);
    ck_assert_int_eq(server_listen("[::1]", 0), -1);
    ck_assert_ptr_null(serve("10.0.0.0/8 gateway"));
}
END_TEST

int main(void)
{
    sem_init(&entered, 0, 0);
    sem_init(&go_on, 0, 0);
    log_start("server", LOG_ERROR);
    world.pool = db_pool_new("host=/nowhere", "test", 1, NULL);
    world.trust = trust_start("host=/nowhere", "test", "mnemos", "mnemos");
    world.server = serve("127.0.0.0/8");
    world.port = server_port(world.server);
    int status = UNIT_TESTS(
        a_reply_carries_what_every_reply_carries, a_picture_is_given_to_callers_who_accept_it,
        head_is_get_without_a_body, an_unknown_path_is_a_problem_document, a_wrong_method_gets_the_list_of_right_ones,
        a_method_of_arbitrary_bytes_gets_an_answer_in_utf8, variables_keep_an_encoded_slash,
        a_query_does_not_reach_into_the_path, a_body_at_the_limit_is_taken_and_one_beyond_is_not,
        a_file_arrives_as_the_body_or_as_a_part, parts_are_decoded_like_any_input,
        a_file_at_the_limit_is_taken_and_one_beyond_is_not, texts_beside_a_file_are_bounded,
        nothing_is_kept_of_a_file_from_somebody_who_may_not_send_it, a_refused_client_that_sends_on_is_answered_once,
        a_client_that_sends_without_end_is_cut_off, a_large_body_takes_no_memory_whether_it_is_taken_or_refused,
        a_body_without_a_declared_length_is_read_to_its_end, a_refusal_leaves_the_connection_as_it_was,
        a_fault_tells_nothing, routes_that_need_a_login_are_refused_without,
        a_cookie_that_is_not_believed_does_not_close_what_is_open, the_proxys_request_id_is_kept,
        a_strangers_request_id_is_not_kept, the_proxys_address_is_taken_whole_and_no_garbage_is,
        a_strangers_word_about_its_address_is_not_taken, a_server_on_ipv6_knows_its_clients_and_believes_its_proxy,
        a_server_on_all_addresses_sees_clients_of_ipv4_as_such, a_known_origin_may_read_the_reply,
        an_unknown_origin_may_not, a_preflight_is_answered, requests_are_counted_by_route_and_status,
        a_draining_server_closes_its_connections, requests_in_flight_are_answered_before_the_stop,
        connected_clients_are_answered_before_the_stop, a_busy_port_and_a_wrong_address_are_refused);
    server_stop(world.server);
    trust_stop(world.trust);
    db_pool_drop(world.pool);
    return status;
}
