/* A thousand logins at the same moment: the memory of auth stays within its budget, everybody gets an answer, and what
 * is no login is answered meanwhile. The service is the program that operators run. */
#include "tests/api/auth/accounts.h"
#include "tests/support/program.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum {
    LOGINS = 1000,
    BUDGET_MIB = 76, /* PASSWORD_MEMORY_MIB, as it is by default */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    BASE_MIB = 1024, /* shadow memory, and what was freed is kept for a while: a coarse look only */
#else
    BASE_MIB = 64, /* all but passwords: code, threads, a thousand connections with their requests */
#endif
    ROUNDS = 30, /* of questions that are no login, answered meanwhile */
    FLOODS_MAX = 5,
};

static long peak_mib(pid_t pid)
{
    char line[200];
    long kib = 0;
    FILE *f = fopen(text_of("/proc/%d/status", (int)pid), "r");
    ck_assert_ptr_nonnull(f);
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %ld", &kib) == 1)
            break;
    fclose(f);
    return kib / 1024;
}

/* ---- the thousand ---- */

struct attempt {
    CURL *curl;
    char *body;
    int retry_after;
};

static size_t ignore(char *bytes, size_t one, size_t count, void *to)
{
    (void)bytes, (void)to;
    return one * count;
}

static size_t read_header(char *bytes, size_t one, size_t count, void *to)
{
    static const char name[] = "Retry-After: ";
    if (count > sizeof name && strncasecmp(bytes, name, sizeof name - 1) == 0)
        ((struct attempt *)to)->retry_after = atoi(bytes + sizeof name - 1);
    return one * count;
}

static void prepare(struct attempt *a, int port, struct curl_slist *headers, const char *name, const char *password)
{
    a->curl = curl_easy_init();
    a->body = text_of(R"({"name": "%s", "password": "%s"})", name, password);
    curl_easy_setopt(a->curl, CURLOPT_URL, text_of("http://127.0.0.1:%d/api/v1/auth/login", port));
    curl_easy_setopt(a->curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(a->curl, CURLOPT_TIMEOUT, 5L * WAIT_MAX_S);
    curl_easy_setopt(a->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(a->curl, CURLOPT_POSTFIELDS, a->body);
    curl_easy_setopt(a->curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(a->curl, CURLOPT_HEADERFUNCTION, read_header);
    curl_easy_setopt(a->curl, CURLOPT_HEADERDATA, a);
    curl_easy_setopt(a->curl, CURLOPT_PRIVATE, a);
    curl_easy_setopt(a->curl, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(a->curl, CURLOPT_FORBID_REUSE, 1L);
}

/* How many got no answer. */
static int run_all(struct attempt *attempts)
{
    CURLM *multi = curl_multi_init();
    int running = 1, unanswered = 0;
    for (int i = 0; i < LOGINS; i++)
        curl_multi_add_handle(multi, attempts[i].curl);
    while (running > 0) {
        if (curl_multi_perform(multi, &running) == CURLM_OK && running > 0)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    const CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &running)))
        unanswered += message->data.result != CURLE_OK;
    for (int i = 0; i < LOGINS; i++)
        curl_multi_remove_handle(multi, attempts[i].curl);
    curl_multi_cleanup(multi);
    return unanswered;
}

/* ---- what goes on meanwhile ---- */

struct bystander {
    const struct program *program;
    atomic_bool over;
    atomic_int rounds; /* while it is not over */
    int refused;
};

static void ask(struct bystander *b, const char *path, int port)
{
    REPLY r = api_call((struct call){.method = "GET", .path = path, .port = port});
    b->refused += r.status != 200;
}

static void *stand_by(void *bystander)
{
    struct bystander *b = bystander;
    while (!atomic_load(&b->over)) {
        ask(b, "/.well-known/jwks.json", b->program->port);
        ask(b, "/livez", b->program->ops_port);
        ask(b, "/readyz", b->program->ops_port);
        if (!atomic_load(&b->over))
            atomic_fetch_add(&b->rounds, 1);
    }
    return NULL;
}

/* A program whose log nobody reads stands still when the pipe is full. */
static void *read_log(void *log)
{
    char line[2000];
    while (fgets(line, sizeof line, log))
        ;
    return NULL;
}

static void allow_many_files(void)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
    setrlimit(RLIMIT_NOFILE, &files); /* of the service, too, which inherits it */
}

START_TEST(a_thousand_logins_at_once_are_answered_within_the_budget_of_memory)
{
    static struct attempt attempts[LOGINS];
    int counts[600] = {0};
    allow_many_files();
    const char *name = new_name("Welcome");
    make_account(name, "healthpro", "neurologist");
    struct program p = program_start(BIN_DIR "/mnemos-auth");
    WAIT_UNTIL(program_is_ready(&p));

    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    for (int i = 0; i < LOGINS; i++)
        prepare(&attempts[i], p.port, headers, i % 2 ? name : new_name("Unknown"), PASSWORD);
    struct bystander bystander = {.program = &p};
    pthread_t thread, reader;
    ck_assert_int_eq(pthread_create(&thread, NULL, stand_by, &bystander), 0);
    ck_assert_int_eq(pthread_create(&reader, NULL, read_log, p.log), 0);
    int unanswered = 0, floods = 0;
    do
        unanswered += run_all(attempts);
    while (++floods < FLOODS_MAX && atomic_load(&bystander.rounds) < ROUNDS);
    atomic_store(&bystander.over, true);
    pthread_join(thread, NULL);
    long peak = peak_mib(p.pid);
    kill(p.pid, SIGTERM);
    pthread_join(reader, NULL);
    ck_assert_int_eq(program_end(&p), 0);

    for (int i = 0; i < LOGINS; i++) {
        long status;
        curl_easy_getinfo(attempts[i].curl, CURLINFO_RESPONSE_CODE, &status);
        ck_assert_msg(status == 200 || status == 401 || status == 503 || (status == 0 && unanswered), "%ld", status);
        ck_assert(status != (i % 2 ? 401 : 200));
        ck_assert(status != 503 || attempts[i].retry_after > 0);
        counts[status]++;
        curl_easy_cleanup(attempts[i].curl);
    }
    curl_slist_free_all(headers);
    printf("%d let in, %d refused, %d told to come back; at most %ld MiB; %d rounds of others in %d floods\n",
           counts[200], counts[401], counts[503], peak, bystander.rounds, floods);
    ck_assert_int_eq(unanswered, 0);
    ck_assert_int_gt(counts[200], 0);
    ck_assert_int_gt(counts[401], 0);
    ck_assert_int_le(peak, BUDGET_MIB + BASE_MIB);
    ck_assert_int_ge(bystander.rounds, ROUNDS);
    ck_assert_int_eq(bystander.refused, 0);
}
END_TEST

int main(void)
{
    return API_TESTS(&auth_service, a_thousand_logins_at_once_are_answered_within_the_budget_of_memory);
}
