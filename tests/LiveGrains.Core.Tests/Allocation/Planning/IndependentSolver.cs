using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace LiveGrains.Core.Tests.Allocation.Planning;

/// <summary>GLPK's `glpsol`, which shares nothing with ours: a program goes out as text, status and objective come back.</summary>
internal static class IndependentSolver
{
    private const string Tool = "glpsol";

    /// <summary>Why it cannot be asked; null when it can.</summary>
    public static string? Missing { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, Tool)))
            ? null
            : "glpsol is not installed (Debian: apt-get install glpk-utils), so that no independent solver can be asked.";

    /// <summary>Solves a program with it.</summary>
    /// <param name="program">The program.</param>
    /// <param name="exact">Repeat the last steps in rational numbers; for small programs.</param>
    public static (LinearStatus Status, double Objective) Solve(LinearProgram program, bool exact)
    {
        var directory = Directory.CreateTempSubdirectory("livegrains-glpk-");
        try
        {
            var (input, output) = (Path.Combine(directory.FullName, "program.lp"), Path.Combine(directory.FullName, "solution"));
            File.WriteAllText(input, Text(program));
            var start = new ProcessStartInfo(Tool, [exact ? "--exact" : "--simplex", "--nopresol", "--tmlim", "60", "--lp", input, "-w", output]) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0 && File.Exists(output), said);
            // "s bas rows columns primal dual objective", where f is feasible and n is that there is no feasible one.
            var fields = File.ReadLines(output).First(line => line.StartsWith("s bas", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var status = (fields[4], fields[5]) switch
            {
                ("f", "f") => LinearStatus.Optimal,
                ("n", _) => LinearStatus.Infeasible,
                ("f", "n") => LinearStatus.Unbounded,
                _ => LinearStatus.Unsolved,
            };
            return (status, double.Parse(fields[6], CultureInfo.InvariantCulture));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    /// <summary>The program in CPLEX's LP format; `none` is a variable that stands where a line would have none.</summary>
    private static string Text(LinearProgram program)
    {
        var rows = new List<(int Variable, double Value)>[program.Constraints];
        for (var i = 0; i < rows.Length; i++) rows[i] = [];
        for (var j = 0; j < program.Variables; j++)
        {
            for (var k = program.Starts[j]; k < program.Starts[j + 1]; k++) rows[program.Rows[k]].Add((j, program.Values[k]));
        }
        var text = new StringBuilder("Maximize\n obj: 0 none");
        for (var j = 0; j < program.Variables; j++) Term(text, j, program.Objective[j]);
        text.Append("\nSubject To\n");
        for (var i = 0; i < rows.Length; i++)
        {
            // A range is an equation with a variable of its own.
            var (lower, upper) = (program.ConstraintLower(i), program.ConstraintUpper(i));
            if (double.IsInfinity(lower) && double.IsInfinity(upper)) continue;
            var range = lower != upper && !double.IsInfinity(lower) && !double.IsInfinity(upper);
            text.Append(CultureInfo.InvariantCulture, $" c{i}: 0 none");
            foreach (var (variable, value) in rows[i]) Term(text, variable, value);
            if (range) text.Append(CultureInfo.InvariantCulture, $"\n - r{i} = 0\n");
            else text.Append(lower == upper ? " = " : double.IsInfinity(upper) ? " >= " : " <= ").Append(Number(double.IsInfinity(upper) ? lower : upper)).Append('\n');
        }
        text.Append("Bounds\n");
        for (var j = 0; j < program.Variables; j++) text.Append(Bound($"x{j}", program.Lower[j], program.Upper[j]));
        for (var i = 0; i < rows.Length; i++)
        {
            var (lower, upper) = (program.ConstraintLower(i), program.ConstraintUpper(i));
            if (lower != upper && !double.IsInfinity(lower) && !double.IsInfinity(upper)) text.Append(Bound($"r{i}", lower, upper));
        }
        return text.Append("End\n").ToString();
    }

    private static void Term(StringBuilder text, int variable, double value)
    {
        if (value != 0) text.Append(value < 0 ? "\n - " : "\n + ").Append(Number(Math.Abs(value))).Append(CultureInfo.InvariantCulture, $" x{variable}");
    }

    private static string Bound(string name, double lower, double upper) =>
        double.IsInfinity(lower) && double.IsInfinity(upper) ? $" {name} free\n"
        : lower == upper ? $" {name} = {Number(lower)}\n"
        : $" {(double.IsInfinity(lower) ? "-inf" : Number(lower))} <= {name} <= {(double.IsInfinity(upper) ? "+inf" : Number(upper))}\n";

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
