#include "common/base/setting.h"
#include "tests/support/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
    char *url, *secret, *greeting;
    long port;
    double error;
    bool open;
    unsigned colour, days;
    char *even;
};

static const char *const colours[] = {"red", "green", "blue", NULL};
static const char *const days[] = {"monday", "tuesday", "sunday", NULL};

static bool is_even(const char *text)
{
    return strlen(text) % 2 == 0;
}

static const struct setting table[] = {
    SETTING_TEXT(struct settings, url, "T_URL", .rules = SETTING_REQUIRED, .summary = "where the database is"),
    SETTING_TEXT(struct settings, secret, "T_SECRET", .rules = SETTING_REQUIRED | SETTING_SECRET, .min = 8, .max = 16,
                 .summary = "the key"),
    SETTING_TEXT(struct settings, greeting, "T_GREETING", .fallback = "hello", .summary = "what to say"),
    SETTING_INTEGER(struct settings, port, "T_PORT", .fallback = "8101", .min = 0, .max = 65535,
                    .summary = "port to serve on"),
    SETTING_REAL(struct settings, error, "T_ERROR", .fallback = "1.5", .min = 0.1, .max = 10,
                 .summary = "points of error"),
    SETTING_FLAG(struct settings, open, "T_OPEN", .fallback = "off", .summary = "open to all"),
    SETTING_CHOICE(struct settings, colour, "T_COLOUR", colours, .fallback = "green"),
    SETTING_LIST(struct settings, days, "T_DAYS", days, .summary = "when"),
    SETTING_TEXT(struct settings, even, "T_EVEN", .fits = is_even, .must_be = "a text of even length",
                 .summary = "a text"),
    {0},
};

/* The environment of one test, and what reading it gave. */
struct reading {
    struct settings settings;
    bool good;
    char *said;
    size_t said_size;
};

static void set_environment(const char *const *pairs)
{
    for (const struct setting *s = table; s->name; s++) {
        char file_name[40];
        snprintf(file_name, sizeof file_name, "%s_FILE", s->name);
        unsetenv(s->name);
        unsetenv(file_name);
    }
    for (; *pairs; pairs += 2)
        setenv(pairs[0], pairs[1], 1);
}

static void reading_begin(struct reading *r, const char *const *pairs)
{
    set_environment(pairs);
    FILE *err = open_memstream(&r->said, &r->said_size);
    r->good = settings_read(table, &r->settings, err);
    fclose(err);
}

static void reading_end(struct reading *r)
{
    settings_release(table, &r->settings);
    free(r->said);
}

#define READ(variable, ...) \
    AUTO(reading_end) struct reading variable = {0}; \
    reading_begin(&variable, (const char *const[]){__VA_ARGS__, NULL})
#define REQUIRED_ONES "T_URL", "postgresql://x", "T_SECRET", "0123456789"

static void ck_says(const struct reading *r, const char *sentence)
{
    ck_assert(!r->good);
    ck_assert_msg(strstr(r->said, sentence) != NULL, R"(said "%s" and not "%s")", r->said, sentence);
}

struct temporary {
    char path[32];
};

static void temporary_begin(struct temporary *t, const char *content, size_t size)
{
    strcpy(t->path, "/tmp/mnemos-setting-XXXXXX");
    int fd = mkstemp(t->path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, content, size), (ssize_t)size);
    close(fd);
}

static void temporary_end(struct temporary *t)
{
    unlink(t->path);
}

#define FILE_OF(variable, content) \
    AUTO(temporary_end) struct temporary variable; \
    temporary_begin(&variable, content, strlen(content))

START_TEST(settings_have_defaults)
{
    READ(r, REQUIRED_ONES);
    ck_assert(r.good);
    ck_assert_str_eq(r.said, "");
    ck_assert_str_eq(r.settings.url, "postgresql://x");
    ck_assert_str_eq(r.settings.greeting, "hello");
    ck_assert_int_eq(r.settings.port, 8101);
    ck_assert(!r.settings.open);
}
END_TEST

START_TEST(settings_come_from_the_environment)
{
    READ(r, REQUIRED_ONES, "T_GREETING", "salve", "T_PORT", "0", "T_OPEN", "On");
    ck_assert(r.good);
    ck_assert_str_eq(r.settings.greeting, "salve");
    ck_assert_int_eq(r.settings.port, 0);
    ck_assert(r.settings.open);
}
END_TEST

START_TEST(flags_are_read_in_several_words)
{
    static const char *const on[] = {"on", "ON", "true", "1"}, *const off[] = {"off", "False", "0"};
    static const char *const neither[] = {"yes", "2", "o", " on"};
    for (size_t i = 0; i < COUNT(on); i++) {
        READ(r, REQUIRED_ONES, "T_OPEN", on[i]);
        ck_assert(r.good && r.settings.open);
    }
    for (size_t i = 0; i < COUNT(off); i++) {
        READ(r, REQUIRED_ONES, "T_OPEN", off[i]);
        ck_assert(r.good && !r.settings.open);
    }
    for (size_t i = 0; i < COUNT(neither); i++) {
        READ(r, REQUIRED_ONES, "T_OPEN", neither[i]);
        ck_says(&r, "T_OPEN must be on or off");
    }
}
END_TEST

START_TEST(numbers_stay_in_their_range)
{
    static const char *const wrong[] = {"-1", "65536", "80x", "x", "8.5", "99999999999999999999", "-"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        READ(r, REQUIRED_ONES, "T_PORT", wrong[i]);
        ck_says(&r, "T_PORT must be a whole number from 0 to 65535");
    }
    READ(r, REQUIRED_ONES, "T_PORT", "65535");
    ck_assert(r.good);
}
END_TEST

START_TEST(a_choice_is_one_of_its_values)
{
    static const char *const wrong[] = {"Red", "pink", "red green", "re", " red"};
    READ(given, REQUIRED_ONES, "T_COLOUR", "blue");
    ck_assert(given.good);
    ck_assert_uint_eq(given.settings.colour, 2);
    READ(fallback, REQUIRED_ONES);
    ck_assert(fallback.good);
    ck_assert_uint_eq(fallback.settings.colour, 1);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        READ(r, REQUIRED_ONES, "T_COLOUR", wrong[i]);
        ck_says(&r, "T_COLOUR must be red, green or blue\n");
    }
}
END_TEST

START_TEST(a_list_has_a_bit_for_each_of_its_values)
{
    static const char *const wrong[] = {"Monday", "monday sun", "monday;sunday", "wednesday"};
    READ(none, REQUIRED_ONES);
    ck_assert(none.good);
    ck_assert_uint_eq(none.settings.days, 0);
    READ(some, REQUIRED_ONES, "T_DAYS", " sunday, monday  sunday ");
    ck_assert(some.good);
    ck_assert_uint_eq(some.settings.days, 5);
    for (size_t i = 0; i < COUNT(wrong); i++) {
        READ(r, REQUIRED_ONES, "T_DAYS", wrong[i]);
        ck_says(&r, "T_DAYS may name monday, tuesday and sunday\n");
    }
}
END_TEST

START_TEST(a_text_may_have_to_fit)
{
    READ(fitting, REQUIRED_ONES, "T_EVEN", "even");
    ck_assert(fitting.good);
    ck_assert_str_eq(fitting.settings.even, "even");
    READ(r, REQUIRED_ONES, "T_EVEN", "odd");
    ck_says(&r, "T_EVEN must be a text of even length\n");
}
END_TEST

START_TEST(real_numbers_are_read_strictly_and_stay_in_their_range)
{
    static const char *const wrong[] = {"0.09", "10.01", "-1", "x", "1,5", "0x1", "nan", "inf", "1.5x", " 1", "1e999"};
    static const char *const right[] = {"0.1", "10", "1e0", "2.50"};
    static const double values[] = {0.1, 10, 1, 2.5};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        READ(r, REQUIRED_ONES, "T_ERROR", wrong[i]);
        ck_says(&r, "T_ERROR must be a number from 0.1 to 10");
    }
    for (size_t i = 0; i < COUNT(right); i++) {
        READ(r, REQUIRED_ONES, "T_ERROR", right[i]);
        ck_assert(r.good && r.settings.error == values[i]);
    }
    READ(fallback, REQUIRED_ONES);
    ck_assert(fallback.settings.error == 1.5);
}
END_TEST

START_TEST(texts_have_lengths)
{
    READ(too_short, "T_URL", "x", "T_SECRET", "1234567");
    ck_says(&too_short, "T_SECRET must have 8 to 16 characters");
    READ(too_long, "T_URL", "x", "T_SECRET", "12345678901234567");
    ck_says(&too_long, "T_SECRET must have 8 to 16 characters");
    READ(fitting, "T_URL", "x", "T_SECRET", "1234567890123456");
    ck_assert(fitting.good);
}
END_TEST

START_TEST(a_value_may_stand_in_a_file)
{
    FILE_OF(secret, "from a file\r\n");
    READ(r, "T_URL", "x", "T_SECRET_FILE", secret.path);
    ck_assert(r.good);
    ck_assert_str_eq(r.settings.secret, "from a file");
}
END_TEST

START_TEST(a_number_may_stand_in_a_file)
{
    FILE_OF(port, "443\n");
    READ(r, REQUIRED_ONES, "T_PORT_FILE", port.path);
    ck_assert(r.good);
    ck_assert_int_eq(r.settings.port, 443);
}
END_TEST

START_TEST(the_value_itself_comes_before_the_file)
{
    FILE_OF(secret, "from a file\n");
    READ(r, "T_URL", "x", "T_SECRET", "given here", "T_SECRET_FILE", secret.path);
    ck_assert_str_eq(r.settings.secret, "given here");
}
END_TEST

START_TEST(a_file_that_cannot_be_read_is_named)
{
    READ(r, REQUIRED_ONES, "T_GREETING_FILE", "/nowhere/greeting");
    ck_says(&r, "T_GREETING_FILE: the file cannot be read: No such file or directory");
}
END_TEST

START_TEST(a_directory_is_no_file)
{
    READ(r, REQUIRED_ONES, "T_GREETING_FILE", "/tmp");
    ck_says(&r, "T_GREETING_FILE: the file cannot be read");
}
END_TEST

START_TEST(an_empty_file_gives_no_required_value)
{
    FILE_OF(secret, "\n");
    READ(r, "T_URL", "x", "T_SECRET_FILE", secret.path);
    ck_says(&r, "T_SECRET is required");
}
END_TEST

START_TEST(a_file_longer_than_any_value_is_refused)
{
    enum { SIZE = 70000 };
    char *content = malloc(SIZE);
    memset(content, 'x', SIZE);
    AUTO(temporary_end) struct temporary file;
    temporary_begin(&file, content, SIZE);
    READ(r, REQUIRED_ONES, "T_GREETING_FILE", file.path);
    ck_says(&r, "T_GREETING_FILE");
    free(content);
}
END_TEST

START_TEST(everything_that_is_wrong_is_said_at_once)
{
    READ(r, "T_URL", "", "T_PORT", "x", "T_OPEN", "maybe");
    ck_says(&r, "T_URL is required: where the database is\n");
    ck_says(&r, "T_SECRET is required: the key\n");
    ck_says(&r, "T_PORT must be");
    ck_says(&r, "T_OPEN must be");
    ck_assert_str_eq(r.settings.greeting, "hello");
}
END_TEST

START_TEST(a_secret_is_never_said)
{
    READ(r, "T_URL", "x", "T_SECRET", "short");
    ck_says(&r, "T_SECRET");
    ck_assert_ptr_null(strstr(r.said, "short"));
}
END_TEST

START_TEST(settings_print_has_a_row_for_each)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    settings_print(table, to);
    fclose(to);
    ck_assert_str_eq(text, "| `T_URL` | required | where the database is |\n"
                           "| `T_SECRET` | required | the key (secret) |\n"
                           "| `T_GREETING` | hello | what to say |\n"
                           "| `T_PORT` | 8101 | port to serve on |\n"
                           "| `T_ERROR` | 1.5 | points of error |\n"
                           "| `T_OPEN` | off | open to all |\n"
                           "| `T_COLOUR` | green | red, green or blue |\n"
                           "| `T_DAYS` |  | when |\n"
                           "| `T_EVEN` |  | a text |\n");
    free(text);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(settings_have_defaults, settings_come_from_the_environment, flags_are_read_in_several_words,
                      numbers_stay_in_their_range, real_numbers_are_read_strictly_and_stay_in_their_range,
                      a_choice_is_one_of_its_values, a_list_has_a_bit_for_each_of_its_values, a_text_may_have_to_fit,
                      texts_have_lengths, a_value_may_stand_in_a_file, a_number_may_stand_in_a_file,
                      the_value_itself_comes_before_the_file, a_file_that_cannot_be_read_is_named,
                      a_directory_is_no_file, an_empty_file_gives_no_required_value,
                      a_file_longer_than_any_value_is_refused, everything_that_is_wrong_is_said_at_once,
                      a_secret_is_never_said, settings_print_has_a_row_for_each);
}
