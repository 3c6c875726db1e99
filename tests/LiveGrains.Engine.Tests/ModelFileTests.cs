using System.Text;
using System.Text.Json;
using LiveGrains.Core;
using LiveGrains.Engine.Recommendations;
using LiveGrains.Engine.Storage;
using LiveGrains.Engine.Verification;

namespace LiveGrains.Engine.Tests;

/// <summary>What the ranker learned survives a restart; what is damaged or of another version is named and begins anew.</summary>
public sealed class ModelFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("livegrains-test").FullName;

    private string File => Path.Combine(_directory, "shard-00", FileModelStore.FileName);

    public void Dispose() => Directory.Delete(_directory, true);

    [Fact]
    public async Task A_restart_keeps_weights_calibration_and_segments()
    {
        RankingModel before;
        await using (var engine = await Open())
        {
            var untaught = await engine.GetModelAsync();
            await Teach(engine);
            before = await engine.GetModelAsync();
            Assert.True(before.Impressions > 100, $"{before.Impressions}");
            Assert.NotEqual(Weights(untaught), Weights(before));
        }

        await using (var engine = await Open())
        {
            Assert.Empty(engine.RecoveryNotes);
            var after = await engine.GetModelAsync();
            Assert.Equal(Weights(before), Weights(after));
            Assert.Equal(before.Objectives, after.Objectives);
            Assert.Equal(before.Impressions, after.Impressions);
            // Histories are told again, which teaches the segments nothing new.
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            while ((await engine.GetModelAsync(limit.Token)).Visits < before.Visits) await Task.Delay(1, limit.Token);
            await engine.SettleRecommendationsAsync();
            Assert.Equal(before.Segments, (await engine.GetModelAsync()).Segments);
        }

        Assert.True(DirectoryVerifier.Verify(_directory).Ok);
    }

    [Fact]
    public async Task A_snapshot_of_a_running_engine_brings_the_models_with_it()
    {
        RankingModel before;
        await using (var engine = await Open())
        {
            await Teach(engine);
            await engine.SnapshotAsync();
            before = await engine.GetModelAsync();
            System.IO.File.Copy(File, File + ".kept");
        }

        // As if the process had been killed after the snapshot.
        System.IO.File.Move(File + ".kept", File, true);
        await using (var engine = await Open()) Assert.Equal(Weights(before), Weights(await engine.GetModelAsync()));
    }

    [Fact]
    public async Task What_is_damaged_or_of_another_version_is_named_and_the_ranker_begins_with_its_priors()
    {
        RankingModel untaught;
        await using (var engine = await Open())
        {
            untaught = await engine.GetModelAsync();
            await Teach(engine);
        }

        var good = System.IO.File.ReadAllBytes(File);
        await BeginsAnew(good[..^1], "damage");
        await BeginsAnew([], "damage");
        var flipped = good.ToArray();
        flipped[good.Length / 2] ^= 1;
        await BeginsAnew(flipped, "damage");
        await BeginsAnew(OfVersion(good, head => head with { Version = 2 }), "note");
        await BeginsAnew(OfVersion(good, head => head with { Format = 1 }), "note");

        async Task BeginsAnew(byte[] bytes, string severity)
        {
            System.IO.File.WriteAllBytes(File, bytes);
            var finding = Assert.Single(DirectoryVerifier.Verify(_directory).Findings);
            Assert.Equal(severity, finding.Severity);
            Assert.Equal($"shard-00/{FileModelStore.FileName}", finding.File);
            await using var engine = await Open();
            Assert.Contains(FileModelStore.FileName, Assert.Single(engine.RecoveryNotes));
            Assert.Equal(Weights(untaught), Weights(await engine.GetModelAsync()));
        }
    }

    [Fact]
    public void Every_byte_and_every_length_counts()
    {
        var storage = new MemoryStorage();
        var store = new FileModelStore(storage);
        ModelFile.Write(store, [.. Enumerable.Range(0, 500).Select(i => (byte)i)]);
        var good = storage.Read(FileModelStore.FileName);
        Assert.Equal(500, ModelFile.Read(store)!.Value.Payload!.Length);
        for (var i = 0; i < good.Length; i++)
        {
            var bytes = good.ToArray();
            bytes[i] ^= (byte)(1 << i % 8);
            storage.Put(FileModelStore.FileName, bytes, bytes.Length);
            Assert.True(ModelFile.Read(store)!.Value.IsDamaged, $"byte {i}");
            storage.Put(FileModelStore.FileName, good, i);
            Assert.True(ModelFile.Read(store)!.Value.IsDamaged, $"length {i}");
        }

        storage.Put(FileModelStore.FileName, [.. good, 0], good.Length + 1);
        Assert.True(ModelFile.Read(store)!.Value.IsDamaged);
        storage.Delete(FileModelStore.FileName);
        Assert.Null(ModelFile.Read(store));
    }

    [Fact]
    public void A_crash_at_any_step_leaves_the_old_file_or_the_new_one()
    {
        var old = new MemoryStorage();
        ModelFile.Write(new FileModelStore(old), "old"u8);
        for (var steps = 0; ; steps++)
        {
            var disk = new CrashingStorage(old.Fork(), steps);
            var crashed = false;
            try
            {
                ModelFile.Write(new FileModelStore(disk), "new"u8);
            }
            catch (IOException)
            {
                crashed = true;
            }

            var content = ModelFile.Read(new FileModelStore(disk.Files))!.Value;
            Assert.Contains(Encoding.ASCII.GetString(content.Payload!), crashed ? ["old", "new"] : (string[])["new"]);
            if (!crashed) break;
        }
    }

    private ValueTask<LiveGrainsEngine> Open() =>
        LiveGrainsEngine.OpenAsync(new EngineOptions { Clock = ClockMode.Event, DataDirectory = _directory, DedupeIds = 1 << 16, Shards = 2 });

    // Thirty rooms; ten users see lists, and come to the first of each.
    private static async Task Teach(LiveGrainsEngine engine)
    {
        var time = 1_700_000_000_000;
        var id = 0;
        string Event(string type, string room, string more) => $"{{\"id\":\"{++id}\",\"type\":\"{type}\",\"time\":{++time},\"room\":\"{room}\",{more}}}";
        async Task Send(IEnumerable<string> lines)
        {
            var answer = await engine.IngestAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)), EventFormat.NdJson);
            Assert.Equal(0, answer.Rejected);
        }

        await Send(Enumerable.Range(0, 30).Select(i => Event("room.start", $"r{i}", $"\"category\":\"c{i % 5}\",\"title\":\"t{i}\"")));
        await engine.SettleRecommendationsAsync();
        for (var round = 0; round < 6; round++)
        {
            for (var u = 0; u < 10; u++)
            {
                var user = $"\"user\":\"u{u}\"";
                var list = await engine.RecommendAsync($"u{u}", new RecommendationQuery { Limit = 5 });
                await Send([.. list.Items.Select(i => Event("impression", i.Id, user)), Event("enter", list.Items[0].Id, user)]);
            }

            time += 700_000;
        }

        await Send([Event("impression", "r1", "\"user\":\"u1\"")]);
        await engine.RecommendAsync("u1", new RecommendationQuery());
        await engine.SettleRecommendationsAsync();
    }

    private static string Weights(RankingModel model) => JsonSerializer.Serialize(model.Terms);

    private static byte[] OfVersion(byte[] good, Func<ModelFileHead, ModelFileHead> change)
    {
        var bytes = good.ToArray();
        var payload = bytes.AsSpan(ModelFileHead.Bytes);
        var head = change(System.Runtime.InteropServices.MemoryMarshal.Read<ModelFileHead>(bytes));
        head.Checksum = ModelFileHead.Compute(head, payload);
        System.Runtime.InteropServices.MemoryMarshal.Write(bytes, head);
        return bytes;
    }

    // Fails at the step of a number and at all behind it, and writes half of what it should at that step.
    private sealed class CrashingStorage(MemoryStorage files, int steps) : IStorage
    {
        private int _left = steps;

        public MemoryStorage Files => files;

        public IReadOnlyList<string> List() => files.List();

        public IStorageFile Open(string name) => new File(this, files.Open(name));

        public IStorageFile Create(string name, long bytes)
        {
            Step();
            return new File(this, files.Create(name, bytes));
        }

        public void Rename(string from, string to)
        {
            Step();
            files.Rename(from, to);
        }

        public void Delete(string name) => files.Delete(name);

        public void SyncDirectory() => Step();

        private void Step()
        {
            if (_left-- <= 0) throw new IOException("The power is gone.");
        }

        private sealed class File(CrashingStorage disk, IStorageFile file) : IStorageFile
        {
            public long Length => file.Length;

            public int Read(Span<byte> bytes, long offset) => file.Read(bytes, offset);

            public void Write(ReadOnlySpan<byte> bytes, long offset)
            {
                if (disk._left <= 0) file.Write(bytes[..(bytes.Length / 2)], offset);
                disk.Step();
                file.Write(bytes, offset);
            }

            public void Sync() => disk.Step();

            public void Dispose() => file.Dispose();
        }
    }
}
