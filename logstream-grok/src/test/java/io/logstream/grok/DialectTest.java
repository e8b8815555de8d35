package io.logstream.grok;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DialectTest {
  @ParameterizedTest(name = "{0} in {1}")
  @CsvSource(delimiter = '~', quoteCharacter = '`', value = {
      "(?<x>\\h+)                     ~ xyz c0ffee     ~ c0ffee",
      "(?<x>[\\h-]+)$                 ~ xyz c0-ff      ~ c0-ff",
      "(?<x>[[:alpha:]]+)             ~ 12 für 3       ~ für",
      "(?<x>[^[:space:]\"]+)\"        ~ a \"bc\" d     ~ bc",
      "(?<x>[^[:^digit:]]+)           ~ ab12           ~ 12",
      "(?<x>[[[:alnum:]]_%-]+)/       ~ a-b_c%/        ~ a-b_c%",
      "(?<x>\\p{Alpha}+)              ~ 1äö2           ~ äö",
      "(?<x>\\P{Alpha}+)              ~ äö2            ~ 2",
      "(?<x>\\p{^L}+)                 ~ ab12           ~ 12",
      "(?<x>\\p{Greek}+)              ~ ab λό          ~ λό",
      "(?<x>{ }b?)                    ~ a{ }b          ~ { }b",
      "(?<x>a{,2})b                   ~ aaab           ~ aa",
      "^(?<x>a{2}+)b                  ~ aaaab          ~ aaaa",
      "^(?<x>(?:ab){2}?c)             ~ c              ~ c",
      "(?<x>.?*)d                     ~ abcd           ~ abc",
      "(?<x>a+*+)b                    ~ aab            ~ aa",
      "(?<x>b(?i)c|d)                 ~ bD             ~ bD",
      "(?i)(?<x>ä)                    ~ Ä              ~ Ä",
      "(?x) (?<x> a b ) # c           ~ ab             ~ ab",
      "(?<x>a(?#not this)+)           ~ aab            ~ aa",
      "(?<x>\\x41\\u0042\\x{43}\\064) ~ ABC4           ~ ABC4",
      "(?<x>[]a]+)                    ~ b]a            ~ ]a",
      "(?<x>[\\w-.]+)                 ~ #a-b.c         ~ a-b.c",
      "(?<x>[a-z&&[^aeiou]]+)         ~ aebcd          ~ bcd",
      "(?<x>[ !-\\/]+)a               ~ b#$a           ~ #$",
      "(?<x>\\Qa.b\\E)                ~ axb a.b        ~ a.b",
      "(?<q>['\"])(?<x>\\w+)\\k<q>    ~ 'a\" \"b\"     ~ b",
      "(%{WORD})-\\1(?<x>\\d)         ~ a-b1 cd-cd2    ~ 2",
      "-b(?<=\\b-b)(?<x>c\\d)          ~ -bc1 a-bc2    ~ c2",
      "-b(?<!\\b-b)(?<x>c\\d)          ~ a-bc1 -bc2    ~ c2",
      "(?<x>\\bfür\\b)                ~ dafür für      ~ für",
      "%{WORD:x - the first}          ~ abc            ~ abc",
      "%{INT - text} (?<x>b)          ~ 1 b            ~ b",
      "\\%{INT:n} (?<x>b)             ~ %{INT:n} b     ~ b",
      "(?<x>%{INT}%)                  ~ at 5%          ~ 5%",
  })
  void readsPatternsAsTheirFilesMeanThem(String pattern, String line, String expected) {
    assertThat(Grok.pattern(pattern).match(line).orElseThrow()).containsEntry("x", expected);
  }
}
