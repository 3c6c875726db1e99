namespace LiveGrains.Reports;

/// <summary>The style of a report: the dashboard's colours and sizes.</summary>
internal static class ReportStyle
{
    /// <summary>The style sheet.</summary>
    public const string Css = """
        :root{--ground:#f6f6f3;--surface:#fff;--ink:#16191b;--muted:#646b70;--faint:#a3a9a8;--line:#e4e4de;--accent:#0b6b6b;--second:#b8622b;--good:#22713a;--bad:#b3312b;color-scheme:light;
        font:13px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"PingFang SC","Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei",sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
        @media screen and (prefers-color-scheme:dark){:root{--ground:#101314;--surface:#171b1c;--ink:#e7e9e8;--muted:#98a1a3;--faint:#5e686a;--line:#272d2e;--accent:#58b9b2;--second:#dd9560;--good:#6cbf84;--bad:#f0857d;color-scheme:dark}}
        *{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink)}h1,h2,h3,p,dl,dd,ol,figure{margin:0;padding:0}ol{list-style:none}
        main{max-width:1120px;margin:0 auto;padding:24px 24px 48px}header{margin-bottom:16px}h1{font-size:26px;line-height:34px;font-weight:600;letter-spacing:-.02em;overflow-wrap:anywhere}
        h2{font-size:15px;line-height:22px;font-weight:600;margin-bottom:8px}h3{font-size:13px;line-height:20px;font-weight:600;margin:16px 0 4px}
        .kind{color:var(--accent);font-weight:600}.sub,.hint,.empty,footer,.note{color:var(--muted)}.sub{overflow-wrap:anywhere}.hint,.note,footer{font-size:12px;line-height:17px}.hint{margin-bottom:8px;max-width:88ch}footer{margin-top:16px}
        .air{color:var(--good);font-weight:600;margin-right:6px}.air.off{color:var(--muted)}
        section,.figures{background:var(--surface);border:1px solid var(--line);border-radius:6px;margin-bottom:16px;min-width:0}section{padding:14px 16px 16px}
        .figures{display:grid;grid-template-columns:repeat(7,minmax(0,1fr));overflow:hidden}.figures>div{padding:12px 14px;min-width:0;box-shadow:-1px -1px 0 var(--line)}
        .figures dt{font-size:12px;color:var(--muted);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.figures dd:not(.note){font-size:20px;line-height:28px;font-weight:550;letter-spacing:-.01em;white-space:nowrap}.figures .note{min-height:17px}
        .columns{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 16px;align-items:start}.curves>section:last-child:nth-child(odd){grid-column:1/-1}
        .plot{display:grid;grid-template-columns:56px minmax(0,1fr);grid-template-rows:minmax(0,1fr);gap:8px;height:120px}[data-part=online] .plot{height:200px}
        .scale{display:flex;flex-direction:column;justify-content:space-between;text-align:right;color:var(--muted);font-size:12px;line-height:14px;margin:-7px 0;white-space:nowrap}
        .area{position:relative}.area svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}.grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke;fill:none}
        .line{fill:none;stroke:var(--accent);stroke-width:1.5;stroke-linejoin:round;vector-effect:non-scaling-stroke}.fill{fill:var(--accent);fill-opacity:.12;stroke:none}
        .mark,.number{display:inline-block;font-style:normal;font-size:11px;font-weight:600;line-height:16px;min-width:16px;height:16px;border-radius:8px;text-align:center;background:var(--second);color:var(--surface);padding:0 2px}
        .mark{position:absolute;transform:translate(-50%,-50%)}
        .axis{position:relative;height:18px;margin:6px 0 0 64px;color:var(--muted);font-size:12px;line-height:18px}.axis span{position:absolute;transform:translateX(-50%)}
        details{margin-top:8px}summary{color:var(--muted);font-size:12px;cursor:pointer;width:max-content}.scroll{overflow-x:auto}figure .scroll{max-height:260px;overflow-y:auto}
        table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--muted);font-size:12px;padding:4px 0}th{font-size:12px;font-weight:500;color:var(--muted);text-align:left;padding:4px 12px 6px 0;white-space:nowrap;vertical-align:bottom}
        td{padding:5px 12px 5px 0;border-top:1px solid var(--line);white-space:nowrap}th:last-child,td:last-child{padding-right:0}.right{text-align:right}td.title{white-space:normal;overflow-wrap:anywhere;min-width:110px}
        .up{color:var(--good);font-weight:600}.down{color:var(--bad);font-weight:600}.chance{color:var(--muted)}
        .best li{display:grid;grid-template-columns:20px 88px minmax(0,1fr);gap:4px 12px;padding:8px 0;border-top:1px solid var(--line)}.best li:first-child{border-top:0}.best .number{margin-top:2px}
        .when b{display:block}.when span,.what p span{color:var(--muted);font-size:12px}.what p:not(.sub){display:inline-block;margin-right:20px}
        .funnel li{display:grid;grid-template-columns:minmax(0,1fr) auto 72px;gap:4px 12px;padding:8px 0;border-top:1px solid var(--line)}.funnel li:first-child{border-top:0}.funnel .bar{grid-column:1/-1}.rate{color:var(--muted);text-align:right;white-space:nowrap}
        .bar{display:block;height:6px;background:var(--line);border-radius:3px;overflow:hidden;align-self:center}.bar i{display:block;height:100%;background:var(--accent);border-radius:3px}
        .pairs>div{display:flex;justify-content:space-between;gap:12px;padding:5px 0;border-bottom:1px solid var(--line)}.pairs>div:last-child{border-bottom:0}.pairs dt{color:var(--muted)}.pairs dd{text-align:right}
        .words{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 32px}.words li{display:grid;grid-template-columns:112px minmax(0,1fr) 44px 116px;gap:12px;padding:4px 0;border-top:1px solid var(--line)}.words b{text-align:right}.word{overflow-wrap:anywhere}
        @media (max-width:860px){.figures{grid-template-columns:repeat(4,minmax(0,1fr))}.columns,.words{grid-template-columns:minmax(0,1fr)}}
        @media (max-width:560px){main{padding:16px 12px 32px}section{padding:12px}h1{font-size:20px;line-height:28px}.figures{grid-template-columns:repeat(2,minmax(0,1fr))}.minor,.axis .odd{display:none}.plot{grid-template-columns:44px minmax(0,1fr)}.axis{margin-left:52px}th,td{padding-right:8px}th{white-space:normal}.interval{white-space:normal}
        .words li{grid-template-columns:96px minmax(0,1fr) 36px 104px;gap:8px}.best li{grid-template-columns:20px 56px minmax(0,1fr);gap:4px 8px}.what p:not(.sub){display:block}}
        @media print{@page{margin:12mm}:root{--ground:#fff}main{max-width:none;padding:0}section,.figures>div,li,tr,figure{break-inside:avoid}section[data-part=products],section[data-part=effects],section[data-part=best],section[data-part=words]{break-inside:auto}[data-part=effects] .scroll{break-inside:avoid}.words li{grid-template-columns:84px minmax(0,1fr) 32px 104px;gap:8px}h2,h3,.hint{break-after:avoid}details{display:none}
        .figures{grid-template-columns:repeat(7,minmax(0,1fr))}.figures>div{padding:8px}.figures dt{white-space:normal}.figures dd:not(.note){font-size:15px}.columns,.words{grid-template-columns:repeat(2,minmax(0,1fr))}.bar i,.bar,.mark,.number,.fill{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
        """;
}
