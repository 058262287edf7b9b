// SPDX-License-Identifier: BSD-2-Clause
// The configuration language (bootloader/config.h): lexing, scopes, and what acts while reading.
#include "bootloader/config.h"
#include "tests/unit/vectors.h"

static struct config *c;
static char said[4096];
static uint32_t port, baud, flow;

static char problems[8192]; // "file:line expected (word)|"
static struct { const char *name, *text; } files[8]; // what INCLUDE finds

static void say(void *context, const char *text)
{
	(void)context;
	strcat(said, text);
	strcat(said, "|");
}

static void serial(void *context, uint32_t p, uint32_t b, uint32_t f)
{
	(void)context;
	port = p;
	baud = b;
	flow = f;
}

static void screen(void *context, bool on)
{
	(void)context;
	strcat(said, on ? "<on>" : "<off>");
}

static void display(void *context, const char *file)
{
	say(context, file);
}

static const char *include(void *context, struct config *config, const char *file)
{
	size_t size;
	char *room = config_room(config, &size);

	(void)context;
	for (size_t i = 0; i < COUNT(files); i++)
		if (files[i].name && strcmp(files[i].name, file) == 0) {
			if (strlen(files[i].text) > size)
				return "not so much text";
			memcpy(room, files[i].text, strlen(files[i].text));
			config_push(config, file, strlen(files[i].text));
			return NULL;
		}
	return "a file that the server has";
}

static void problem(void *context, const struct config_problem *p)
{
	(void)context;
	if (strlen(problems) < sizeof problems / 2)
		sprintf(problems + strlen(problems), "%s:%u %.60s%s%s|", p->file, p->line, p->expected,
			p->word ? ": " : "", p->word ? p->word : "");
}

static void parse_bytes(const void *text, size_t length)
{
	static const struct config_events events = {say, serial, screen, display, include, problem};
	size_t size;

	free(c);
	c = malloc(sizeof *c);
	memset(c, 0xa5, sizeof *c);
	said[0] = problems[0] = 0;
	port = baud = flow = 99;
	config_start(c, &events, NULL);
	assert_in_range(length, 0, (config_room(c, &size), size));
	memcpy(config_room(c, &size), text, length);
	config_push(c, "cfg", length);
	config_run(c);
	config_finish(c);
}

static void parse(const char *text)
{
	parse_bytes(text, strlen(text));
}

static const struct config_label *label(const char *name)
{
	size_t length;

	return config_find(c, name, &length);
}

static void test_keywords_end_at_blanks_and_ignore_case(void **state)
{
	(void)state;
	parse("dEfAuLt\tx\nLABEL x\n\v kernel\x7f k\nAPPENDIX no\nAPPEND\x01yes\nkernel2 no\n");
	assert_string_equal(c->default_command, "x");
	assert_string_equal(label("x")->kernel, "k");
	assert_string_equal(label("x")->append, "yes");
}

static void test_values_run_to_the_end_of_line(void **state)
{
	(void)state;
	parse("LABEL a b c\nAPPEND x  y # z \nINITRD i,j \n");
	assert_string_equal(label("a")->append, "x  y # z ");
	assert_string_equal(label("a")->initrd, "i,j ");
	assert_null(label("a")->kernel);
	assert_string_equal(label("a b c")->name, "a b c");
	assert_ptr_equal(label("a x"), label("a"));
	assert_null(label("b"));
}

static void test_line_ends_at_carriage_return(void **state)
{
	(void)state;
	parse("DEFAULT one\rtwo\r\nLABEL one\r\nKERNEL k\r\n");
	assert_string_equal(c->default_command, "one");
	assert_string_equal(label("one")->kernel, "k");
}

static void test_byte_order_mark_is_passed_over(void **state)
{
	(void)state;
	parse("\xef\xbb\xbf" "DEFAULT one\nLABEL one\n");
	assert_string_equal(c->default_command, "one");
	parse("\xef\xbb");
	assert_int_equal(c->label_count, 0);
}

static void test_a_last_line_without_end_counts(void **state)
{
	(void)state;
	parse("LABEL a\nKERNEL k");
	assert_string_equal(label("a")->kernel, "k");
}

static void test_scopes(void **state)
{
	(void)state;
	parse("KERNEL global\nINITRD global\nAPPEND global\nSYSAPPEND 2\nLABEL a\nSYSAPPEND 1\n"
	      "LABEL b\nAPPEND\nDEFAULT b\nTIMEOUT 5\n");
	assert_string_equal(c->append, "global");
	assert_null(label("a")->kernel);
	assert_string_equal(label("a")->append, "global");
	assert_null(label("a")->initrd);
	assert_int_equal(label("a")->sysappend, 1);
	assert_int_equal(label("b")->sysappend, 2);
	assert_string_equal(label("b")->append, "");
	assert_string_equal(c->default_command, "b");
	assert_int_equal(c->timeout, 5);
}

static void test_global_sysappend_counts_from_where_it_stands(void **state)
{
	(void)state;
	parse("LABEL a\nLABEL b\nSYSAPPEND 3\nLABEL c\n");
	assert_int_equal(label("a")->sysappend, 0);
	assert_int_equal(label("b")->sysappend, 3);
	assert_int_equal(label("c")->sysappend, 0);
}

static void test_the_first_label_and_the_last_value_win(void **state)
{
	(void)state;
	parse("LABEL a\nKERNEL one\nLINUX two.c32\nAPPEND p\nAPPEND q\nLABEL a\nKERNEL three\n"
	      "DEFAULT x\nDEFAULT y\n");
	assert_string_equal(label("a")->kernel, "two.c32");
	assert_int_equal(label("a")->image, IMAGE_LINUX);
	assert_string_equal(label("a")->append, "q");
	assert_string_equal(c->default_command, "y");
	assert_int_equal(c->label_count, 2);
}

static void test_labels_are_case_sensitive(void **state)
{
	(void)state;
	parse("LABEL Linux\nKERNEL k\n");
	assert_non_null(label("Linux"));
	assert_null(label("linux"));
	assert_null(label("Linu"));
	assert_null(label("Linuxx"));
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint32_t value;
	} cases[] = {
		{"3", 3}, {"0x3", 3}, {"0X1f", 31}, {"010", 10}, {"50 # five seconds", 50}, {"7up", 7},
		{"0", 0}, {"", 0}, {"x", 0}, {"08", 8}, {"-5", 0}, {"99999999999", 999999999},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[64];

		snprintf(text, sizeof text, "TIMEOUT %s\n", cases[i].text);
		parse(text);
		assert_int_equal(c->timeout, cases[i].value);
	}
	parse("SYSAPPEND 010\nIPAPPEND 0x3ffff\nLABEL a\nSYSAPPEND 08\n");
	assert_int_equal(c->sysappend, 0x3ffff);
	assert_int_equal(label("a")->sysappend, 0);
}

static void test_help_texts_are_consumed(void **state)
{
	(void)state;
	parse("LABEL a\nTEXT HELP\nKERNEL no\nendtexts\n\tLABEL no\n  EndText ignored\nKERNEL yes\n"
	      "TEXT\nLABEL no\nENDTEXT\nLABEL b\nTEXT HELP\nLABEL no\n");
	assert_int_equal(c->label_count, 2);
	assert_string_equal(label("a")->kernel, "yes");
	assert_non_null(label("b"));
}

static void test_empty_default_is_none(void **state)
{
	(void)state;
	parse("DEFAULT x\nDEFAULT \n");
	assert_null(c->default_command);
}

static void test_say_and_serial_act_at_once(void **state)
{
	(void)state;
	parse("SERIAL 0\nSAY Hello,  world \nSAY\nLABEL x\nSAY in a label\n");
	assert_string_equal(said, "Hello,  world ||in a label|");
	assert_int_equal(port, 0);
	assert_int_equal(baud, 9600);
	assert_int_equal(flow, 0);
	parse("SERIAL 0x2f8 115200 0x003\nCONSOLE 0\nDISPLAY a.txt b\nCONSOLE 1\n");
	assert_int_equal(port, 0x2f8);
	assert_int_equal(baud, 115200);
	assert_int_equal(flow, 3);
	assert_string_equal(said, "<off>a.txt|<on>");
	parse("SERIAL 1 50\nSERIAL x\n");
	assert_int_equal(port, 0);
	assert_string_equal(problems, "cfg:1 a rate from 75 to 115200 bits per second|cfg:2 a number|");
}

// pxelinux reads 4095 characters at a time.
static void test_long_lines_are_split(void **state)
{
	static char text[3 * 4096];
	size_t length;

	(void)state;
	strcpy(text, "LABEL a\nAPPEND ");
	length = strlen(text);
	memset(text + length, 'x', 4095 - strlen("APPEND "));
	length += 4095 - strlen("APPEND ");
	strcpy(text + length, "KERNEL k\nLABEL b\n");
	parse(text);
	assert_int_equal(strlen(label("a")->append), 4095 - strlen("APPEND "));
	assert_string_equal(label("a")->kernel, "k");
	assert_non_null(label("b"));
}

static void test_the_largest_text_of_one_line(void **state)
{
	const size_t most = CONFIG_TEXT - CONFIG_TEXT / CONFIG_LINE - 3;
	char *text = malloc(CONFIG_TEXT);

	(void)state;
	memset(text, 'x', CONFIG_TEXT);
	parse_bytes(text, most);
	assert_int_equal(c->label_count, 0);
	memset(text, '\n', CONFIG_TEXT);
	parse_bytes(text, most);
	free(text);
}

static void test_too_many_labels_are_counted(void **state)
{
	char *text = malloc(CONFIG_TEXT), *at = text;

	(void)state;
	for (int i = 0; i < CONFIG_LABELS + 3; i++)
		at += sprintf(at, "LABEL l%d\nKERNEL k%d\n", i, i);
	parse(text);
	assert_int_equal(c->label_count, CONFIG_LABELS);
	assert_int_equal(c->dropped, 3);
	assert_string_equal(c->labels[CONFIG_LABELS - 1].kernel, "k1535");
	assert_null(label("l1537"));
	free(text);
}

static void test_binary_does_no_harm(void **state)
{
	uint8_t text[5000];
	uint32_t seed = 1;

	(void)state;
	parse_bytes("LABEL a\0b\nAPPEND x\0y\n\0LABEL c\nrubbish\n", 37);
	assert_int_equal(c->label_count, 1);
	assert_string_equal(label("a")->append, "x");
	assert_string_equal(problems, "cfg:1 a text file, not a binary one|");
	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < sizeof text; i++) {
			seed = seed * 1103515245 + 12345;
			text[i] = "LABEL append\n\r\t \0TEXT=x0"[seed >> 16 & 15] ^ (seed >> 28 ? 0 : seed >> 8);
		}
		parse_bytes(text, sizeof text - (size_t)round);
	}
}

static void test_every_truncation(void **state)
{
	const char *text = "SERIAL 0 9600\nDEFAULT a b\nLABEL a\nKERNEL k\nAPPEND x\nTEXT HELP\nt\nENDTEXT\n";

	(void)state;
	for (size_t length = 0; length <= strlen(text); length++)
		parse_bytes(text, length);
	assert_string_equal(label("a")->append, "x");
}

// Errors

static void test_what_is_wrong_is_told(void **state)
{
	static const struct {
		const char *text, *problems;
	} cases[] = {
		{"# x\n; y\n// z\n--\n[a]\n\n<b\n", ""},
		{"LABEL a\nKERNLE k\n", "cfg:2 a word of pxelinux.cfg: kernel|"},
		{"Lable a\n\nAppned b\nzzz\n", "cfg:1 a word of pxelinux.cfg: label|"
			"cfg:3 a word of pxelinux.cfg: append|cfg:4 a word of pxelinux.cfg|"},
		{"MENU TITEL x\nMENU\n", "cfg:1 a word that MENU knows: title|cfg:2 a word that MENU knows|"},
		{"KERNEL k\nINITRD i\nFDT f\nLOCALBOOT 0\nMENU HIDE\nMENU LABEL x\nMENU GOTO x\n",
			"cfg:1 a LABEL before this word|cfg:2 a LABEL before this word|"
			"cfg:3 a LABEL before this word|cfg:4 a LABEL before this word|"
			"cfg:5 a LABEL before this word|cfg:6 a LABEL before this word|"
			"cfg:7 a LABEL before this word|"},
		{"TIMEOUT soon\nPROMPT\nSYSAPPEND x\n", "cfg:1 a number|cfg:2 a number|cfg:3 a number|"},
		{"DEFAULT\nLABEL\nKERNEL\nUI\n", "cfg:1 a label or a kernel's file name|cfg:2 a name|"
			"cfg:3 a file name|cfg:4 menu.c32|"},
		{"MENU END\n", "cfg:1 MENU BEGIN before MENU END|"},
		{"\nMENU BEGIN a\nLABEL x\n", "cfg:2 MENU END for this MENU BEGIN|"},
		{"LABEL a\nMENU GOTO there\n", "cfg:1 a submenu with the name that MENU GOTO says|"},
		{"LABEL a\nMENU EXIT\n", "cfg:2 MENU EXIT inside of a submenu|"
			"cfg:1 a submenu with the name that MENU GOTO says|"},
		{"TEXT HELP\nLABEL a\n", "cfg:2 ENDTEXT after TEXT HELP|"},
		{"INCLUDE gone\nINCLUDE\nDEFAULT x\n", "cfg:1 a file that the server has|cfg:2 a file name|"},
		{"MENU HIDDENKEY a\nMENU MASTER x\n", "cfg:1 MENU HIDDENKEY key[,key...] command|"
			"cfg:2 MENU MASTER PASSWD|"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		parse(cases[i].text);
		assert_string_equal(problems, cases[i].problems);
	}
}

// A submenu without a place has an end all the same.
static void test_too_many_menus(void **state)
{
	static char text[8000];
	char *end = stpcpy(text, "MENU BEGIN outer\n");

	(void)state;
	for (unsigned i = 0; i < CONFIG_MENUS + 2; i++)
		end = stpcpy(end, "MENU BEGIN x\nMENU END\n");
	strcpy(end, "LABEL inside\nMENU END\nLABEL outside\n");
	parse(text);
	assert_int_equal(label("inside")->menu, 1);
	assert_int_equal(label("outside")->menu, 0);
	assert_non_null(strstr(problems, "not so many submenus"));
}

static void test_line_numbers_do_not_count_split_lines(void **state)
{
	static char text[9000];

	(void)state;
	memset(text, '#', 8500);
	strcpy(text + 8500, "\nnonsense\n");
	parse(text);
	assert_string_equal(problems, "cfg:2 a word of pxelinux.cfg|");
}

// Included files

static void test_include(void **state)
{
	(void)state;
	memset(files, 0, sizeof files);
	files[0].name = "a.cfg";
	files[0].text = "APPEND from a\nINCLUDE b.cfg more\nMENU TITLE\nbad";
	files[1].name = "b.cfg";
	files[1].text = "LABEL in b\nKERNEL kb\n";
	parse("LABEL one\nINCLUDE a.cfg\nAPPEND b\nMENU INCLUDE b.cfg\nLABEL two\n");
	assert_string_equal(label("one")->append, "from a");
	assert_null(label("in")->append);
	assert_int_equal(c->label_count, 5); // one, the submenu, in, in, two
	assert_string_equal(c->labels[1].text, "more");
	assert_int_equal(c->labels[1].submenu, 1);
	assert_int_equal(c->labels[2].menu, 1);
	assert_int_equal(c->labels[4].menu, 0);
	assert_string_equal(c->labels[2].file, "b.cfg");
	assert_string_equal(problems, "a.cfg:4 a word of pxelinux.cfg|");
	assert_string_equal(c->append, "b");
}

static void test_include_has_an_end(void **state)
{
	static char many[16384];

	(void)state;
	memset(files, 0, sizeof files);
	files[0].name = "a";
	files[0].text = "INCLUDE b\nLABEL a\n";
	files[1].name = "b";
	files[1].text = "INCLUDE a\nINCLUDE cfg\nLABEL b\n";
	parse("INCLUDE a\n");
	assert_string_equal(problems, "b:1 a file that does not include itself|"
		"b:2 a file that does not include itself|");
	assert_non_null(label("a"));
	assert_non_null(label("b"));
	for (int i = 0; i < 300; i++)
		strcat(many, "INCLUDE c\n");
	files[2].name = "c";
	files[2].text = "";
	parse(many);
	assert_int_equal(c->files, CONFIG_FILES);
	assert_int_equal(c->problems, 300 - CONFIG_FILES + 1);
}

static const char *include_next(void *context, struct config *config, const char *file)
{
	size_t size;
	char *room = config_room(config, &size);
	int number = atoi(file) + 1;
	int length = sprintf(room, "INCLUDE %d\nLABEL l%d\n", number, number);

	(void)context;
	config_push(config, file, (size_t)length);
	return NULL;
}

static void test_depth_is_bounded(void **state)
{
	static const struct config_events events = {.include = include_next, .problem = problem};
	size_t size;

	(void)state;
	problems[0] = 0;
	config_start(c, &events, NULL);
	strcpy(config_room(c, &size), "INCLUDE 0\n");
	config_push(c, "cfg", 10);
	config_run(c);
	config_finish(c);
	assert_string_equal(problems, "15:1 files not more than 16 deep inside each other|");
	assert_int_equal(c->label_count, 16);
}

// The menu

static void test_menus(void **state)
{
	(void)state;
	parse("MENU TITLE Top\nTIMEOUT 50\nF1 help.txt back.png\nMENU TABMSG t\n"
	      "LABEL a\nMENU LABEL ^A\nMENU INDENT 3\nTEXT HELP\n one\n two\nENDTEXT\nMENU PASSWD p\n"
	      "MENU SEPARATOR\nKERNEL nowhere\n"
	      "MENU BEGIN sub\nMENU LABEL ^Sub\nTIMEOUT 7\nMENU MASTER PASSWD m\nLABEL b\nMENU DEFAULT\n"
	      "LABEL up\nMENU EXIT\nLABEL top\nMENU GOTO .top\nMENU END\n"
	      "LABEL c\nMENU HIDE\nLABEL d\nMENU DISABLE\nLABEL e\nMENU QUIT\nMENU DEFAULT\n"
	      "LABEL f\nMENU HELP f.txt bg\nMENU BEGIN\nMENU TITLE Named\nMENU START\nF0 ten\nMENU END\n"
	      "F12 last.txt\nF13 no\n");
	assert_int_equal(c->menu_count, 3);
	assert_string_equal(c->menus[0].title, "Top");
	assert_string_equal(c->menus[1].title, "^Sub");
	assert_string_equal(c->menus[1].keys[0], "help.txt");
	assert_string_equal(c->menus[1].messages[MESSAGE_TAB], "t");
	assert_string_equal(c->menus[1].master, "m");
	assert_null(c->menus[0].master);
	assert_int_equal(c->menus[0].timeout, 50);
	assert_int_equal(c->menus[1].timeout, 7);
	assert_string_equal(c->menus[0].keys[11], "last.txt");
	assert_string_equal(c->menus[2].keys[9], "ten");
	assert_null(c->menus[2].keys[11]);
	assert_string_equal(label("a")->text, "^A");
	assert_int_equal(label("a")->indent, 3);
	assert_string_equal(label("a")->help, " one\n two\n");
	assert_string_equal(label("a")->password, "p");
	assert_int_equal(c->labels[1].action, ACTION_NONE);
	assert_null(c->labels[1].name);
	assert_string_equal(c->labels[2].text, "^Sub");
	assert_int_equal(c->labels[2].action, ACTION_SUBMENU);
	assert_int_equal(c->menus[1].first, label("b") - c->labels);
	assert_int_equal(label("up")->submenu, 0);
	assert_int_equal(label("top")->submenu, 0);
	assert_true(label("c")->hidden);
	assert_null(label("d"));
	assert_int_equal(label("e")->action, ACTION_QUIT);
	assert_int_equal(c->menus[0].first, label("e") - c->labels);
	assert_string_equal(label("f")->target, "f.txt");
	assert_string_equal(c->labels[c->menus[2].entry].text, "Named");
	assert_int_equal(c->menu_start, 2);
	assert_string_equal(problems, "cfg:14 a LABEL before this word|cfg:41 a word of pxelinux.cfg|");
}

static void test_default_beats_menu_default(void **state)
{
	(void)state;
	parse("DEFAULT b x\nLABEL a\nMENU DEFAULT\nMENU BEGIN\nLABEL b\nMENU END\n");
	assert_int_equal(c->menus[0].first, 0);
	assert_int_equal(c->menus[1].first, label("b") - c->labels);
	assert_int_equal(c->menu_start, 1);
	parse("DEFAULT a\nLABEL a\nMENU HIDE\nMENU BEGIN\nMENU DEFAULT\nLABEL b\nMENU END\n");
	assert_int_equal(c->menus[0].first, 1);
	assert_int_equal(c->menu_start, 0);
}

static void test_words_of_the_whole(void **state)
{
	(void)state;
	parse("UI menu.c32\nDEFAULT x\nONTIMEOUT o t\nONERROR e\nTOTALTIMEOUT 900\nALLOWOPTIONS 0\n"
	      "IMPLICIT 0\nNOESCAPE 1\nNOCOMPLETE 1\nMENU HIDDEN\nMENU SHIFTKEY\n"
	      "MENU HIDDENKEY a,^B,F1 go there\nFONT x\nKBDMAP x\nNOHALT 1\nPATH x\nMENU COLOR sel 7\n");
	assert_string_equal(config_command(c), "menu.c32");
	assert_string_equal(c->default_command, "x");
	assert_string_equal(c->ontimeout, "o t");
	assert_string_equal(c->onerror, "e");
	assert_int_equal(c->total_timeout, 900);
	assert_false(c->allow_options || c->implicit || c->menus[0].allow_options);
	assert_true(c->no_escape && c->no_complete && c->menu_hidden && c->menu_shift_key);
	assert_string_equal(c->hidden_keys[0].keys, "a,^B,F1");
	assert_string_equal(c->hidden_keys[0].command, "go there");
	assert_string_equal(problems, "");
	parse("");
	assert_true(c->allow_options && c->implicit && c->menus[0].allow_options);
	assert_null(config_command(c));
}

static void test_kinds_of_images(void **state)
{
	(void)state;
	parse("LABEL a\nLOCALBOOT -1\nLABEL b\nLOCALBOOT 0x80\nLABEL c\nLOCALBOOT\nLABEL d\nCONFIG x y\n"
	      "LABEL e\nCOM32 m\nLABEL f\nPXE p\nLABEL g\nBOOT b\nLABEL h\nLOCALBOOT 0\nLINUX k\n"
	      "LABEL i\nFDT t\nFDTDIR d\nFDTOVERLAYS o p\nKASLRSEED\nDEVICETREE u\n");
	assert_int_equal(label("a")->local, -1);
	assert_int_equal(label("b")->local, 0x80);
	assert_int_equal(label("c")->image, IMAGE_LOCAL);
	assert_int_equal(label("d")->image, IMAGE_CONFIG);
	assert_int_equal(label("e")->image, IMAGE_MODULE);
	assert_int_equal(label("f")->image, IMAGE_PROGRAM);
	assert_int_equal(label("g")->image, IMAGE_PROGRAM);
	assert_int_equal(label("h")->image, IMAGE_LINUX);
	assert_string_equal(label("i")->fdt, "u");
	assert_string_equal(label("i")->fdtdir, "d");
	assert_string_equal(label("i")->overlays, "o p");
	assert_true(label("i")->kaslrseed);
}

static int clean(void **state)
{
	(void)state;
	free(c);
	c = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keywords_end_at_blanks_and_ignore_case),
		cmocka_unit_test(test_values_run_to_the_end_of_line),
		cmocka_unit_test(test_line_ends_at_carriage_return),
		cmocka_unit_test(test_byte_order_mark_is_passed_over),
		cmocka_unit_test(test_a_last_line_without_end_counts),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_global_sysappend_counts_from_where_it_stands),
		cmocka_unit_test(test_the_first_label_and_the_last_value_win),
		cmocka_unit_test(test_labels_are_case_sensitive),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_help_texts_are_consumed),
		cmocka_unit_test(test_empty_default_is_none),
		cmocka_unit_test(test_say_and_serial_act_at_once),
		cmocka_unit_test(test_long_lines_are_split),
		cmocka_unit_test(test_the_largest_text_of_one_line),
		cmocka_unit_test(test_too_many_labels_are_counted),
		cmocka_unit_test(test_binary_does_no_harm),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_what_is_wrong_is_told),
		cmocka_unit_test(test_line_numbers_do_not_count_split_lines),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_include_has_an_end),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_menus),
		cmocka_unit_test(test_too_many_menus),
		cmocka_unit_test(test_default_beats_menu_default),
		cmocka_unit_test(test_words_of_the_whole),
		cmocka_unit_test(test_kinds_of_images),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
