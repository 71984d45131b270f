// The words of rexp. A text is a mode of its own: `"` enters it, `${` and `%{` come back to the default mode inside it,
// and so does every `{`, so that `}` knows where it returns.
//
// compiler/parse/scanner.cpp stands between this lexer and the parser. It needs from here: a unit word is a UNIT everywhere
// (the scanner makes it a name unless a number stands right before it on the line), NEWLINE is a token (a hole ends on
// its line), and the tokens under "what other languages write" exist (each becomes an error with advice).
lexer grammar RexpLexer;

tokens { TEXT_CLOSE, HOLE, DIRECTIVE, CHARS, BAD_ESCAPE }

// ---- words with a fixed meaning ----
IMPORT: 'import'; LET: 'let'; FN: 'fn'; SCHEMA: 'schema'; ENUM: 'enum'; EXTENDS: 'extends';
TEMPLATE: 'template'; REQUIRE: 'require'; EXTERN: 'extern';
IF: 'if'; THEN: 'then'; ELSE: 'else'; FOR: 'for'; IN: 'in'; WHERE: 'where'; MATCH: 'match'; WITH: 'with';
IS: 'is'; AND: 'and'; OR: 'or'; NOT: 'not'; TRUE: 'true'; FALSE: 'false'; NONE: 'none';

// ---- words that matter in one place and are names everywhere else (rule `name` of the parser) ----
EDITION: 'edition'; AS: 'as'; KIND: 'kind';
SYSTEM: 'system'; USER: 'user'; ASSISTANT: 'assistant'; DOCUMENT: 'document'; MASKED: 'masked';
CHOICE: 'choice'; ONE: 'one'; OF: 'of'; HELD_OUT: 'held_out'; END: 'end'; SEP: 'sep';
STATIC: 'static'; PAST: 'past'; TARGET: 'target'; FUTURE: 'future';
UNIT: ('epoch' | 'step' | 'token' | 'row' | 'seed') 's'? | 'min' | 'h' | 's' | 'x';

SIZE: DIGIT [0-9_]* ('.' DIGIT+)? [ \t]* ('KiB' | 'MiB' | 'GiB');
NUMBER: DIGIT [0-9_]* ('.' DIGIT+)? ([eE] [+-]? DIGIT+)? [kMB]?;
fragment DIGIT: [0-9];
IDENT: [\p{L}_] [\p{L}\p{M}\p{N}_]*;

ARROW: '->'; FAT: '=>'; PIPE: '|>'; DOTDOT: '..'; EQ: '=='; NE: '!='; LE: '<='; GE: '>='; LT: '<'; GT: '>';
ASSIGN: '='; TILDE: '~'; AT: '@'; PLUS: '+'; MINUS: '-'; STAR: '*'; SLASH: '/'; QUESTION: '?'; PERCENT: '%'; BAR: '|';
DOT: '.'; COMMA: ','; COLON: ':'; SEMI: ';'; LPAREN: '('; RPAREN: ')'; LBRACK: '['; RBRACK: ']';
LBRACE: '{' -> pushMode(DEFAULT_MODE);
RBRACE: '}' -> popMode;

DOC: '///' ~[\r\n]* -> channel(HIDDEN);
COMMENT: '//' ~[\r\n]* -> channel(HIDDEN);
NEWLINE: '\r'? '\n' -> channel(HIDDEN);
SPACE: [ \t]+ -> skip;

TEXT3_OPEN: '"""' ([ \t]* '\r'? '\n')? -> pushMode(TEXT3);
TEXT_OPEN: '"' -> pushMode(TEXT1);

// ---- what other languages and input methods write ----
HASH_COMMENT: '#' ~[\r\n]*;
STAR_COMMENT: '/*' .*? '*/';
QUOTED: '\'' ~['\r\n]* '\'' | '`' ~[`\r\n]* '`' | [\u201C\u201D\u300C] ~["\u201C\u201D\u300D\r\n]* ["\u201C\u201D\u300D];
LOOKALIKE: '&&' | '||' | [!\uFF1A\uFF0C\u3001\uFF1B\uFF5B\uFF5D\uFF08\uFF09\uFF3B\uFF3D\u3010\u3011\uFF1D\uFF0E];
BAD: .;

mode TEXT1;
T1_EOL: '\r'? '\n' -> type(NEWLINE);
T1_CLOSE: '"' -> type(TEXT_CLOSE), popMode;
T1_HOLE: '${' -> type(HOLE), pushMode(DEFAULT_MODE);
T1_DIRECTIVE: '%{' -> type(DIRECTIVE), pushMode(DEFAULT_MODE);
T1_CHARS: (ESCAPE | ~["\\$%\r\n])+ -> type(CHARS);
T1_LONE: [$%\r] -> type(CHARS);
T1_BAD: '\\' ~[\r\n]? -> type(BAD_ESCAPE);
fragment ESCAPE: '\\' ["\\nt$%] | '\\u{' [0-9a-fA-F]+ '}';

mode TEXT3;
T3_CLOSE: '"""' -> type(TEXT_CLOSE), popMode;
T3_HOLE: '${' -> type(HOLE), pushMode(DEFAULT_MODE);
T3_DIRECTIVE: '%{' -> type(DIRECTIVE), pushMode(DEFAULT_MODE);
T3_CHARS: (ESCAPE | ~["\\$%])+ -> type(CHARS);
T3_LONE: ["$%] -> type(CHARS);
T3_BAD: '\\' ~[\r\n]? -> type(BAD_ESCAPE);
