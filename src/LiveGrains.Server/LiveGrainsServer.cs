using LiveGrains.Server.Dashboard;
using LiveGrains.Server.Health;
using LiveGrains.Server.Hosting;
using LiveGrains.Server.Ingest;
using LiveGrains.Server.Items;
using LiveGrains.Server.Json;
using LiveGrains.Server.Metrics;
using LiveGrains.Server.OpenApi;
using LiveGrains.Server.Platform;
using LiveGrains.Server.Push;
using LiveGrains.Server.Recommendations;
using LiveGrains.Server.Rooms;
using LiveGrains.Server.Traffic;
using LiveGrains.Server.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LiveGrains.Server;

/// <summary>The HTTP API of SPEC 4 over any <see cref="ILiveGrains"/>.</summary>
public static class LiveGrainsServer
{
    /// <summary>The name of the meter and of the activity source of the server.</summary>
    public const string TelemetryName = "LiveGrains.Server";

    /// <summary>
    /// Builds the server; the caller starts, runs and stops it. Warnings and worse are logged to standard error, nothing
    /// per request. It does what <paramref name="options"/> say and reads no environment variables or settings files;
    /// <paramref name="configure"/> sees the builder last and may replace anything, the logging providers for example.
    /// Stopping takes no new connections and waits for running requests. The engine stays the caller's to dispose.
    /// </summary>
    /// <exception cref="LiveGrainsException"><see cref="ErrorCode.WrongUsage"/> here, for options that make no sense;
    /// <see cref="ErrorCode.AddressInUse"/> from starting the application, when an address cannot be bound.</exception>
    public static WebApplication Build(ILiveGrains engine, ServerOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(options);
        ServerOptionsPolicy.Check(options);

        // The empty builder and not the slim one: the slim one lets ASPNETCORE_* variables and an appsettings.json in the
        // working directory move the addresses.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "LiveGrains.Server",
            EnvironmentName = Environments.Production,
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // The exception of a failed start reaches the caller, who says it in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        // This logger costs an Activity and a log scope a request as soon as it is on, and says nothing at this level.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.WebHost.UseKestrelCore().UseUrls([.. options.Urls]);
        builder.Services.Configure<KestrelServerOptions>(kestrel => ServerOptionsPolicy.Apply(options, kestrel));
        // What a slow reader of pushed changes has not taken waits here and in the kernel: little, so that it is never far behind.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.MaxWriteBufferSize = 16 << 10);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
        builder.Services.AddRoutingCore();
        builder.Services.ConfigureHttpJsonOptions(json => AnswerJson.Configure(json.SerializerOptions));
        builder.Services.AddLiveGrainsOpenApi();
        builder.Services.AddSingleton(static _ => new ServerMeter());
        configure?.Invoke(builder);
        BindingServer.Decorate(builder.Services, options.Urls);

        var app = builder.Build();
        // It ends with the application's disposal, after the last export of whoever listens.
        var meter = app.Services.GetRequiredService<ServerMeter>();
        var metrics = new RequestMetrics(meter.Durations);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("LiveGrains.Server");
        var intake = new BodyIntake(engine, options);
        var events = new EventsEndpoint(engine, intake, metrics, logger);
        var guard = new RequestGuard(metrics, logger);

        // The hottest call skips routing; it is mapped all the same, for the description and for the answer to other methods.
        app.Use(next => context => EventsEndpoint.IsMatch(context.Request) ? events.HandleAsync(context) : guard.InvokeAsync(context, next));
        app.UseRouting();
        events.Map(app);
        var time = app.Services.GetService<TimeProvider>() ?? TimeProvider.System;
        new RoomEndpoints(engine).Map(app, metrics);
        new StandingEndpoint(engine, time).Map(app, metrics);
        new ReportEndpoint(engine).Map(app, metrics);
        new ItemEndpoints(engine).Map(app, metrics);
        new UserEndpoints(engine).Map(app, metrics);
        new RecommendationEndpoints(engine).Map(app, metrics);
        new OverviewEndpoint(engine).Map(app, metrics);
        new TrafficEndpoints(engine, intake).Map(app, metrics);
        new TrafficPlanEndpoint(engine, intake, options, metrics).Map(app);
        var topics = new LiveTopics(options.MaxSubscribers, options.MaxWatched, time);
        // Streams have no end of their own: stopping would wait for them.
        app.Lifetime.ApplicationStopping.Register(topics.Dispose);
        metrics.Subscribers = () => topics.Readers;
        metrics.WatchedTopics = () => topics.Watched;
        new LiveEndpoints(engine, topics).Map(app, metrics);
        new HealthEndpoints(engine).Map(app, metrics);
        new MetricsEndpoint(engine, metrics).Map(app, metrics);
        new OpenApiEndpoint(app.Services).Map(app, metrics);
        DashboardEndpoints.Map(app, metrics);
        meter.Observe(engine, metrics);
        return app;
    }
}
