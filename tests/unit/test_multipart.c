#include "common/format/multipart.h"
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>

/* The calls of the sink, as text: <name|file name|type>bytes */
struct heard {
    char text[4096];
    size_t used;
};

static enum status hear_part(void *to, const struct multipart_part *part, struct problem *why)
{
    struct heard *h = to;
    (void)why;
    h->used += (size_t)snprintf(h->text + h->used, sizeof h->text - h->used, "<%s|%s|%s>", part->name,
                                part->file_name ? part->file_name : "", part->content_type ? part->content_type : "");
    return OK;
}

static enum status hear_bytes(void *to, const char *bytes, size_t size, struct problem *why)
{
    struct heard *h = to;
    (void)why;
    memcpy(h->text + h->used, bytes, size);
    h->used += size;
    h->text[h->used] = '\0';
    return OK;
}

static enum status read_in_pieces(const char *type, const char *body, size_t piece, struct heard *h,
                                  struct problem *why)
{
    static struct multipart m;
    *h = (struct heard){0};
    TRY(multipart_begin(&m, type, (struct multipart_sink){hear_part, hear_bytes, h}, why));
    for (size_t size = strlen(body); size > 0;) {
        size_t taken = piece < size ? piece : size;
        TRY(multipart_take(&m, body, taken, why));
        body += taken;
        size -= taken;
    }
    return multipart_end(&m, why);
}

#define TYPE       "multipart/form-data; boundary=xYz"
#define HEAD(name) "--xYz\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define END        "\r\n--xYz--\r\n"

START_TEST(parts_come_out_the_same_however_the_body_is_cut)
{
    static const char body[] =
        "preamble\r\n" HEAD("a") "1\r\n--xY\r\n-"
                                 "\r\n"
                                 "--xYz\r\ncontent-disposition: Form-Data; filename=\"t\\\"1.csv\"; "
                                 "name=file\r\nContent-Type: text/csv\r\n\r\n"
                                 "a,b\r\n\r\n--xYz\r\nContent-Disposition: form-data; name=empty\r\n\r\n" END "after";
    SCENE(s);
    struct heard h;
    for (size_t piece = 1; piece <= sizeof body; piece++) {
        ck_assert_int_eq(read_in_pieces(TYPE, body, piece, &h, &s.why), OK);
        ck_assert_str_eq(h.text, "<a||>1\r\n--xY\r\n-<file|t\"1.csv|text/csv>a,b\r\n<empty||>");
    }
}
END_TEST

START_TEST(malformed_bodies_are_refused)
{
    static const struct {
        const char *type, *body, *sentence;
    } cases[] = {
        {"multipart/form-data", HEAD("a") END, "boundary"},
        {"multipart/form-data; boundary=", HEAD("a") END, "boundary"},
        {R"(multipart/form-data; boundary="xYz)", HEAD("a") END, "boundary"},
        {"multipart/form-data; boundary=xYz; boundary=xYz", HEAD("a") END, "boundary"},
        {"multipart/form-data; boundary=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
         "", "boundary"},
        {TYPE, "", "before its last boundary"},
        {TYPE, HEAD("a") "1", "before its last boundary"},
        {TYPE, "--xYzx" END, "line must end"},
        {TYPE, HEAD("") "1" END, "not UTF-8"},
        {TYPE, HEAD("\xFF") "1" END, "not UTF-8"},
        {TYPE, "--xYz\r\nContent-Type: text/csv\r\n\r\n1" END, "Content-Disposition"},
        {TYPE, "--xYz\r\nContent-Disposition: attachment; name=a\r\n\r\n1" END, "Content-Disposition"},
        {TYPE, "--xYz\r\nContent-Disposition: form-data; name=a b\r\n\r\n1" END, "Content-Disposition"},
        {TYPE, "--xYz\r\nno colon\r\n\r\n1" END, "colon"},
        {TYPE, "--xYz\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64\r\n\r\nMQ==" END,
         "encoded"},
        {TYPE, "--xYz\r\nContent-Disposition: form-data; name=a\r\nContent-Type: multipart/mixed\r\n\r\n" END,
         "multipart itself"},
    };
    struct heard h;
    for (size_t i = 0; i < COUNT(cases); i++) {
        SCENE(s);
        ck_assert_int_eq(read_in_pieces(cases[i].type, cases[i].body, 7, &h, &s.why), MALFORMED);
        ck_assert_msg(strstr(s.why.detail, cases[i].sentence), "%zu: %s", i, s.why.detail);
    }
}
END_TEST

START_TEST(heads_and_their_number_are_bounded)
{
    struct heard h;
    char *body = calloc(1, 100000);
    SCENE(s);
    memset(body, 'a', 6000);
    memcpy(body, "--xYz\r\n", 7);
    ck_assert_int_eq(read_in_pieces(TYPE, body, 100, &h, &s.why), MALFORMED);
    ck_assert(strstr(s.why.detail, "4 KiB"));
    body[0] = '\0';
    for (int i = 0; i <= MULTIPART_PARTS_MAX; i++)
        strcat(body, HEAD("a") "\r\n");
    SCENE(t);
    ck_assert_int_eq(read_in_pieces(TYPE, body, 100, &h, &t.why), MALFORMED);
    ck_assert(strstr(t.why.detail, "more parts than 64"));
    free(body);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(parts_come_out_the_same_however_the_body_is_cut, malformed_bodies_are_refused,
                      heads_and_their_number_are_bounded);
}
