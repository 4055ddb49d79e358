using System;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.CompilerServices.SymbolWriter;

/// Gives an assembly of mcs the symbols that .NET reads: app.exe and app.exe.mdb become shop.dll and shop.pdb.
public static class Symbols
{
    public static void Main(string[] names)
    {
        var module = ModuleDefinition.ReadModule(names[0]);
        var symbols = MonoSymbolFile.ReadSymbolFile(names[0] + ".mdb");
        var documents = symbols.Sources.ToDictionary(s => s.Index, s => new Document(s.FileName) { Language = DocumentLanguage.CSharp });
        foreach (var method in module.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody))
        {
            var entry = symbols.GetMethodByToken(method.MetadataToken.ToInt32());
            if (entry == null) continue;
            foreach (var line in entry.GetLineNumberTable().LineNumbers)
            {
                var at = method.Body.Instructions.FirstOrDefault(i => i.Offset >= line.Offset);
                if (at == null || line.IsHidden) continue;
                method.DebugInformation.SequencePoints.Add(new SequencePoint(at, documents[entry.CompileUnit.SourceFile.Index])
                {
                    StartLine = line.Row, StartColumn = 1, EndLine = line.Row, EndColumn = 2,
                });
            }
            method.DebugInformation.Scope = new ScopeDebugInformation(method.Body.Instructions[0], null);
        }
        module.Write(names[1], new WriterParameters { WriteSymbols = true, SymbolWriterProvider = new PortablePdbWriterProvider() });
    }
}
