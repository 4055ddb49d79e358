//: type: System.IndexOutOfRangeException
//: message: Index was outside the bounds of the array.
//: build: mcs -nologo -out:app.exe {file}
//: run: {mono: mono app.exe}
//: unjudged: true
//: frames: ...
//: blame: none
//: note: without symbols no frame names a file
using System;

public static class Program
{
    static string Column(string row, int index)
    {
        return row.Split(',')[index];
    }

    public static void Main()
    {
        Console.WriteLine(Column("tea,3", 2));
    }
}
