// The sentences of rexp. The rules are a little wider than the language: where a common slip can be read without
// doubt (`:` or `==` for `=`, a comma between items, an import below a declaration) the rule accepts it, marked "slip",
// and compiler/parse reports it and goes on. All other errors take their words from syntax_messages.def.
//
// A `{` behind an expression always belongs to it (`adamw { lr = 1e-3 }`). So where an expression is followed by a block of
// the language itself it stands in parentheses: `if (c) {`, `for (t in turns) {`, `match (x) {`.
parser grammar RexpParser;
options { tokenVocab = RexpLexer; }

// slip: edition and imports in any order
module: (edition | importDecl | decl | SEMI)* EOF;
fragmentExpr: expr EOF;

edition: EDITION NUMBER;
importDecl: IMPORT path (AS name | LBRACE name (COMMA name)* COMMA? RBRACE)?;

decl: letDecl | fnDecl | externDecl | schemaDecl | kindDecl | enumDecl | templateDecl | requireDecl | blockDecl;
letDecl: LET name (COLON type)? assign expr;
fnDecl: FN name params (ARROW type)? assign expr;
externDecl: EXTERN (FN (receiver DOT)? name params? ARROW type | SCHEMA name variables? (EXTENDS type)?);
receiver: IDENT (LT type (COMMA type)* GT)? | LBRACK type RBRACK;
kindDecl: KIND name COLON type;
schemaDecl: SCHEMA name variables? (EXTENDS type)? LBRACE (schemaField | SEMI | COMMA)* RBRACE;   // slip: COMMA
variables: LT variable (COMMA variable)* GT;
variable: IDENT (COLON type)?;
schemaField: name COLON type (assign expr)? (WHERE expr)?;
enumDecl: ENUM name LBRACE name (COMMA name)* COMMA? RBRACE;
requireDecl: REQUIRE expr (COLON text)?;
blockDecl: IDENT name params? (COLON type)? (assign expr | body);
params: LPAREN (param (COMMA param)* COMMA?)? RPAREN;
param: name COLON type (assign expr)?;
assign: ASSIGN | EQ;                                                                   // slip: EQ

body: LBRACE (item | SEMI | COMMA)* RBRACE;                                            // slip: COMMA
item: letDecl
    | requireDecl
    | path (ASSIGN | IN | TILDE | EQ | COLON) expr                                     // slip: EQ, COLON
    | name body
    | blockDecl
    ;

templateDecl: TEMPLATE name params turns;
turns: LBRACE (turn | SEMI)* RBRACE;
turn: MASKED? role said
    | CHOICE name assign oneOf
    | FOR LPAREN name IN expr RPAREN turns
    | IF LPAREN expr RPAREN turns (ELSE turns)?
    ;
role: SYSTEM | USER | ASSISTANT | DOCUMENT;
said: oneOf | expr;
oneOf: ONE OF LBRACE (variant | SEMI | COMMA)* RBRACE;                                 // slip: COMMA
variant: name HELD_OUT? (COLON | ASSIGN) text (STAR NUMBER)?;                          // slip: ASSIGN

type: label? typeAtom (BAR typeAtom)* QUESTION?;
label: STATIC | PAST | TARGET | FUTURE;
typeAtom: typePath (LT type (COMMA type)* GT)?
    | LBRACK type RBRACK
    | FN LPAREN (type (COMMA type)*)? RPAREN ARROW type
    | LPAREN typeAtom (BAR typeAtom)* RPAREN
    ;
typePath: IDENT (DOT name)*;

expr: lambda | ifExpr | matchExpr | binary;
lambda: name FAT expr | LPAREN (name (COMMA name)*)? RPAREN FAT expr;
ifExpr: IF expr THEN expr ELSE expr;
matchExpr: MATCH (LPAREN expr RPAREN)? LBRACE arm (COMMA arm)* COMMA? RBRACE;         // the scanner puts in commas at line ends
arm: (ELSE | binary) FAT expr;
binary: binary (STAR | SLASH) binary
    | binary (PLUS | MINUS) binary
    | binary DOTDOT binary
    | binary (LT | LE | GT | GE | EQ | NE | IN | IS) binary
    | NOT binary
    | binary AND binary
    | binary OR binary
    | binary WITH body
    | binary PIPE binary
    | unary
    ;
unary: MINUS unary | postfix;
postfix: primary suffix*;
// `.where` is a name here: the scanner makes it one behind a dot
suffix: DOT name | LPAREN args? RPAREN | LBRACK expr RBRACK | AT atSize | body;
atSize: NUMBER | IDENT | list | LPAREN expr RPAREN;
args: arg (COMMA arg)* COMMA?;
arg: (name ASSIGN)? expr;
primary: number | text | TRUE | FALSE | NONE | list | record | LPAREN expr RPAREN | name;
number: NUMBER (UNIT | PERCENT)? | SIZE;
list: LBRACK (expr (FOR pattern IN expr (WHERE expr)? | (COMMA expr)* COMMA?))? RBRACK;
pattern: name | LPAREN name (COMMA name)+ RPAREN;
record: LBRACE (field (COMMA field)* COMMA?)? RBRACE;
field: (name | text) COLON expr;

text: TEXT_OPEN part* TEXT_CLOSE | TEXT3_OPEN part* TEXT_CLOSE;
part: CHARS | BAD_ESCAPE | hole | forPart | ifPart;
hole: HOLE expr (SEP text)? RBRACE;
forPart: DIRECTIVE FOR name IN expr (SEP text)? RBRACE part* DIRECTIVE END RBRACE;
ifPart: DIRECTIVE IF expr RBRACE part* elsePart? DIRECTIVE END RBRACE;
elsePart: DIRECTIVE ELSE RBRACE part*;

path: name (DOT name)*;
name: IDENT | EDITION | AS | KIND | SYSTEM | USER | ASSISTANT | DOCUMENT | MASKED | CHOICE | ONE | OF | HELD_OUT | END | SEP
    | STATIC | PAST | TARGET | FUTURE;
