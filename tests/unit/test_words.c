#include "common/base/words.h"
#include "tests/support/unit.h"

#include <string.h>

/* The words with "|" behind each. */
static const char *words_of(struct scene *s, const char *list, const char *separators)
{
    const char *all = "";
    char word[8];
    for (const char *at = list; words_next(&at, separators, word, sizeof word);)
        all = arena_printf(&s->arena, "%s%s|", all, word);
    return all;
}

START_TEST(words_are_found_between_any_number_of_separators)
{
    SCENE(s);
    ck_assert_str_eq(words_of(&s, "", words_separators), "");
    ck_assert_str_eq(words_of(&s, " ,, ", words_separators), "");
    ck_assert_str_eq(words_of(&s, "admin", words_separators), "admin|");
    ck_assert_str_eq(words_of(&s, " admin,  patient ,", words_separators), "admin|patient|");
    ck_assert_str_eq(words_of(&s, "a,b c", " "), "a,b|c|");
}
END_TEST

START_TEST(a_word_that_does_not_fit_is_none)
{
    SCENE(s);
    ck_assert_str_eq(words_of(&s, "1234567 12345678 a", words_separators), "1234567||a|");
}
END_TEST

START_TEST(a_list_has_whole_words_only)
{
    ck_assert(words_have("https://a.example, https://b.example", "https://a.example"));
    ck_assert(words_have("https://a.example, https://b.example", "https://b.example"));
    ck_assert(!words_have("https://a.example", "https://a.exampl"));
    ck_assert(!words_have("https://a.example", "https://a.example.org"));
    ck_assert(!words_have("", "https://a.example"));
    ck_assert(!words_have("a, b", ""));
}
END_TEST

START_TEST(a_list_has_the_parts_between_its_commas)
{
    SCENE(s);
    size_t count;
    const char *const *parts = words_split("365,,node count", &s.arena, &count);
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(parts[0], "365");
    ck_assert_str_eq(parts[1], "");
    ck_assert_str_eq(parts[2], "node count");
    ck_assert_ptr_null(parts[3]);
    words_split("", &s.arena, &count);
    ck_assert_uint_eq(count, 1);
    words_split(NULL, &s.arena, &count);
    ck_assert_uint_eq(count, 0);
}
END_TEST

int main(void)
{
    return UNIT_TESTS(words_are_found_between_any_number_of_separators, a_word_that_does_not_fit_is_none,
                      a_list_has_whole_words_only, a_list_has_the_parts_between_its_commas);
}
