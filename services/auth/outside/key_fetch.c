#include "services/auth/outside/key_fetch.h"

#include "common/base/status.h"
#include "services/auth/outside/jwk.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t collect(char *bytes, size_t one, size_t count, void *to)
{
    struct fetched *f = to;
    size_t size = one * count;
    if (size > JWK_SET_SIZE_MAX - f->size)
        return 0; /* ends the transfer */
    memcpy(f->body + f->size, bytes, size);
    f->size += size;
    return size;
}

/* Does the directive begin here? Its name ends where the text does or with one of ", ;=". */
static bool directive_is(const char *text, size_t size, const char *name)
{
    size_t length = strlen(name);
    return size >= length && strncasecmp(text, name, length) == 0 &&
           (size == length || strchr(", ;=\t\r\n", text[length]));
}

static long seconds_at(const char *text, size_t size)
{
    long seconds = 0;
    for (size_t i = 0; i < size && text[i] >= '0' && text[i] <= '9' && seconds < 1000000000; i++)
        seconds = seconds * 10 + (text[i] - '0');
    return seconds;
}

long key_fetch_max_age(const char *value, size_t size)
{
    static const char name[] = "max-age";
    const char *end = value + size;
    long max_age = -1;
    while (value < end) {
        size_t left = (size_t)(end - value);
        if (directive_is(value, left, "no-store") || directive_is(value, left, "no-cache"))
            return 0;
        if (directive_is(value, left, name) && left > sizeof name && value[sizeof name - 1] == '=')
            max_age = seconds_at(value + sizeof name, left - sizeof name);
        while (value < end && *value != ',')
            value++;
        while (value < end && (*value == ',' || *value == ' ' || *value == '\t'))
            value++;
    }
    return max_age;
}

static size_t look_at_header(char *line, size_t one, size_t count, void *to)
{
    static const char name[] = "cache-control:";
    struct fetched *f = to;
    size_t size = one * count, used = sizeof name - 1;
    if (size > used && strncasecmp(line, name, used) == 0) {
        while (used < size && (line[used] == ' ' || line[used] == '\t'))
            used++;
        f->max_age = key_fetch_max_age(line + used, size - used);
    }
    return size;
}

static void curl_drop(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

/* Everything that could lead elsewhere or take longer is off: redirects, proxies of the environment, other protocols,
 * compressed replies that grow. */
static bool set_up(CURL *curl, const char *url, struct fetched *out)
{
    CURLcode wrong = curl_easy_setopt(curl, CURLOPT_URL, url);
    wrong |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https"); /* http was allowed for this machine only */
    wrong |= curl_easy_setopt(curl, CURLOPT_PROXY, "");
    wrong |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    wrong |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    wrong |= curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)KEY_FETCH_TIMEOUT_MS);
    wrong |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    wrong |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    wrong |= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    wrong |= curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)JWK_SET_SIZE_MAX);
    wrong |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "mnemos-auth");
    wrong |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    wrong |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    wrong |= curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, look_at_header);
    wrong |= curl_easy_setopt(curl, CURLOPT_HEADERDATA, out);
    return wrong == CURLE_OK;
}

static const char *perform(const char *url, struct fetched *out)
{
    AUTO(curl_drop) CURL *curl = curl_easy_init();
    long status = 0;
    if (!curl || !set_up(curl, url, out))
        return "libcurl refuses its options";
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED)
        return "it is too large";
    if (code != CURLE_OK)
        return curl_easy_strerror(code);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status == 200 ? NULL : "the answer is not 200";
}

const char *key_fetch(const char *url, struct fetched *out)
{
    struct fetched f = {.body = malloc(JWK_SET_SIZE_MAX), .max_age = -1};
    if (!f.body)
        abort();
    const char *wrong = perform(url, &f);
    if (wrong)
        key_fetch_release(&f);
    *out = f;
    return wrong;
}

void key_fetch_release(struct fetched *f)
{
    free(f->body);
    *f = (struct fetched){0};
}
