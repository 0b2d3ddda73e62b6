<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AboutSheet</name>
    <message>
        <source>About WearIF</source>
        <translation>关于 WearIF</translation>
    </message>
    <message>
        <source>Captures and fuses focus stacks of ferrograms. Free software under the BSD 3-Clause licence.</source>
        <translation>采集并融合铁谱片的焦点图像栈。以 BSD 三条款许可证发布的自由软件。</translation>
    </message>
    <message>
        <source>System</source>
        <translation>系统</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
</context>
<context>
    <name>CameraPanel</name>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>曝光</translation>
    </message>
    <message>
        <source>Gain</source>
        <translation>增益</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>帧率</translation>
    </message>
    <message>
        <source>White</source>
        <translation>白平衡</translation>
    </message>
    <message>
        <source> /s</source>
        <translation> /s</translation>
    </message>
    <message>
        <source>Exposure in milliseconds</source>
        <translation>曝光时间（毫秒）</translation>
    </message>
    <message>
        <source>Exposure; each step to the right is the same factor</source>
        <translation>曝光时间；每向右一格增大相同的倍数</translation>
    </message>
    <message>
        <source>Gain in decibels</source>
        <translation>增益（分贝）</translation>
    </message>
    <message>
        <source>Frames per second</source>
        <translation>每秒帧数</translation>
    </message>
    <message>
        <source>What to know of this microscope</source>
        <translation>本显微镜须知</translation>
    </message>
    <message>
        <source>This camera has no white balance.</source>
        <translation>此相机没有白平衡功能。</translation>
    </message>
    <message>
        <source>Red × {red:.2f} · green × {green:.2f} · blue × {blue:.2f}</source>
        <translation>红 × {red:.2f} · 绿 × {green:.2f} · 蓝 × {blue:.2f}</translation>
    </message>
    <message>
        <source>{name}: {width} × {height} pixels, {bits} bits, at most {fps:.0f} frames/s</source>
        <translation>{name}：{width} × {height} 像素，{bits} 位，最高 {fps:.0f} 帧/s</translation>
    </message>
    <message>
        <source>The capture has the camera.</source>
        <translation>相机正被采集占用。</translation>
    </message>
    <message>
        <source>Now click on empty slide in the live picture.</source>
        <translation>现在请在实时图像中点击玻片的空白处。</translation>
    </message>
    <message>
        <source>Looking for the exposure …</source>
        <translation>正在寻找合适的曝光…</translation>
    </message>
    <message>
        <source>Looking for the white balance …</source>
        <translation>正在寻找白平衡…</translation>
    </message>
</context>
<context>
    <name>CameraStep</name>
    <message>
        <source>Cameras that were found</source>
        <translation>找到的相机</translation>
    </message>
    <message>
        <source>Cameras appear here once step 1 has looked for stages and cameras.</source>
        <translation>第 1 步查找载物台和相机后，相机会显示在这里。</translation>
    </message>
    <message>
        <source>Driver</source>
        <translation>驱动</translation>
    </message>
    <message>
        <source>Serial number</source>
        <translation>序列号</translation>
    </message>
    <message>
        <source>Pitch of the sensor&apos;s pixels</source>
        <translation>传感器像元间距</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>曝光</translation>
    </message>
    <message>
        <source>Picture turned clockwise by</source>
        <translation>图像顺时针旋转</translation>
    </message>
    <message>
        <source>{deg}°, mirrored</source>
        <translation>{deg}°，镜像</translation>
    </message>
    <message>
        <source>What lays the picture on the stage&apos;s axes, x to the right and y downwards. Step 4 measures it</source>
        <translation>使图像与载物台轴对应的转动，x 向右、y 向下。第 4 步可测量</translation>
    </message>
    <message>
        <source>Empty takes the first camera</source>
        <translation>留空则使用第一台相机</translation>
    </message>
    <message>
        <source>In µm, from the camera&apos;s data sheet, not binned</source>
        <translation>单位 µm，取自相机数据手册，未合并像素</translation>
    </message>
    <message>
        <source>Test the camera</source>
        <translation>测试相机</translation>
    </message>
    <message>
        <source>Takes one picture and shows what the camera tells</source>
        <translation>拍一张图像，并显示相机报告的信息</translation>
    </message>
    <message>
        <source>Picture of the test</source>
        <translation>测试图像</translation>
    </message>
</context>
<context>
    <name>CapturePanel</name>
    <message>
        <source>Progress of the capture</source>
        <translation>采集进度</translation>
    </message>
    <message>
        <source>{n} frames · {s:.0f} s · {size}</source>
        <translation>{n} 帧 · {s:.0f} s · {size}</translation>
    </message>
    <message>
        <source>The autofocus finds the range · about {amount}</source>
        <translation>由自动对焦确定范围 · 约 {amount}</translation>
    </message>
    <message>
        <source>{low} to {high} µm, no autofocus · {amount}</source>
        <translation>{low} 至 {high} µm，不自动对焦 · {amount}</translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>Focusing …</source>
        <translation>正在对焦…</translation>
    </message>
    <message>
        <source>Approaching …</source>
        <translation>正在接近…</translation>
    </message>
    <message>
        <source>Sweeping …</source>
        <translation>正在扫描…</translation>
    </message>
    <message>
        <source>Fusing …</source>
        <translation>正在融合…</translation>
    </message>
    <message>
        <source>Saving …</source>
        <translation>正在保存…</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>No frames yet</source>
        <translation>还没有帧</translation>
    </message>
    <message>
        <source>Frame {n} of {total}
Fused {fused}</source>
        <translation>第 {n} 帧，共 {total} 帧
已融合 {fused}</translation>
    </message>
    <message>
        <source>, {n} behind</source>
        <translation>，落后 {n} 帧</translation>
    </message>
    <message>
        <source>Lost {n}</source>
        <translation>丢失 {n}</translation>
    </message>
    <message>
        <source>None lost</source>
        <translation>无丢失</translation>
    </message>
    <message>
        <source>{s:.0f} s left</source>
        <translation>还剩 {s:.0f} s</translation>
    </message>
    <message>
        <source>z {low} to {high} µm, every {step} µm</source>
        <translation>z {low} 至 {high} µm，每 {step} µm</translation>
    </message>
    <message>
        <source>Looking for the particles along z</source>
        <translation>正沿 z 寻找颗粒</translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Find a command</source>
        <translation>查找命令</translation>
    </message>
    <message>
        <source>Keys and commands</source>
        <translation>按键与命令</translation>
    </message>
    <message>
        <source>Type a part of a name, of a key or of what it does</source>
        <translation>输入名称、按键或说明的一部分</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Menu</source>
        <translation>菜单</translation>
    </message>
    <message>
        <source>Command</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>按键</translation>
    </message>
    <message>
        <source>What it does</source>
        <translation>作用</translation>
    </message>
    <message>
        <source>Enter runs the marked command. Esc closes, and stops the stage as always.</source>
        <translation>回车执行所选命令。Esc 关闭此窗口，并照常停止载物台。</translation>
    </message>
    <message>
        <source>Mouse over the live picture: the wheel moves z by its step in µm, with Shift ten times, with Ctrl a tenth of it. Esc stops the stage, wherever you are.</source>
        <translation>鼠标在实时图像上时：滚轮按 z 步长（µm）移动，按住 Shift 为十倍，按住 Ctrl 为十分之一。无论在何处，Esc 都会停止载物台。</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Left</source>
        <translation>左</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>右</translation>
    </message>
    <message>
        <source>Number of the frame</source>
        <translation>帧号</translation>
    </message>
    <message>
        <source>Two pictures to compare</source>
        <translation>要比较的两幅图像</translation>
    </message>
    <message>
        <source>Drag the edge over the pictures</source>
        <translation>拖动边界以比较两幅图像</translation>
    </message>
    <message>
        <source>computing …</source>
        <translation>正在计算…</translation>
    </message>
    <message>
        <source>Frame {n}</source>
        <translation>第 {n} 帧</translation>
    </message>
    <message>
        <source>Fused image</source>
        <translation>融合图像</translation>
    </message>
    <message>
        <source>Fused, not retouched</source>
        <translation>融合图像（未修饰）</translation>
    </message>
    <message>
        <source>Frame of the slider</source>
        <translation>滑块所在的帧</translation>
    </message>
    <message>
        <source>Frame number</source>
        <translation>帧号</translation>
    </message>
    <message>
        <source>Fused by the published model</source>
        <translation>用已发表模型融合</translation>
    </message>
    <message>
        <source>Height map</source>
        <translation>高度图</translation>
    </message>
    <message>
        <source>Confidence map</source>
        <translation>置信度图</translation>
    </message>
</context>
<context>
    <name>CrashBar</name>
    <message>
        <source>Report of a crash</source>
        <translation>崩溃报告</translation>
    </message>
    <message>
        <source>WearIF did not end well the last time.</source>
        <translation>WearIF 上次没有正常结束。</translation>
    </message>
    <message>
        <source>Captures are safe: what was interrupted is recovered by itself. Please send the report to whoever looks after the program.</source>
        <translation>采集的数据是安全的：中断的采集会自动恢复。请把报告发给维护本程序的人。</translation>
    </message>
    <message>
        <source>Show the report</source>
        <translation>显示报告</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭提示</translation>
    </message>
</context>
<context>
    <name>ErrorBar</name>
    <message>
        <source>Error</source>
        <translation>错误</translation>
    </message>
    <message>
        <source>Connect again</source>
        <translation>重新连接</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Copy title and details to the clipboard</source>
        <translation>把标题和详细信息复制到剪贴板</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>关闭提示</translation>
    </message>
    <message>
        <source>Details of the error</source>
        <translation>错误的详细信息</translation>
    </message>
</context>
<context>
    <name>ExportSheet</name>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>In folder</source>
        <translation>所在文件夹</translation>
    </message>
    <message>
        <source>New folder</source>
        <translation>新文件夹</translation>
    </message>
    <message>
        <source>Browse…</source>
        <translation>浏览…</translation>
    </message>
    <message>
        <source>Results: image, weights, heights, confidence, record</source>
        <translation>结果：图像、权重、高度、置信度、记录</translation>
    </message>
    <message>
        <source>Image with scale bar and measurements (PNG)</source>
        <translation>带比例尺和测量的图像（PNG）</translation>
    </message>
    <message>
        <source>Measurements and height profiles (CSV)</source>
        <translation>测量和高度剖面（CSV）</translation>
    </message>
    <message>
        <source>Report on one page, to print</source>
        <translation>单页报告，可打印</translation>
    </message>
    <message>
        <source>Image for slides and mails, plain and marked (JPEG)</source>
        <translation>用于幻灯片和邮件的图像，原图和标注图（JPEG）</translation>
    </message>
    <message>
        <source>Image for ImageJ and others (16-bit TIFF, OME-TIFF)</source>
        <translation>用于 ImageJ 等的图像（16 位 TIFF、OME-TIFF）</translation>
    </message>
    <message>
        <source>Heights in grey (16-bit PNG)</source>
        <translation>灰度高度图（16 位 PNG）</translation>
    </message>
    <message>
        <source>Weights for napari and others (OME-Zarr)</source>
        <translation>用于 napari 等的权重（OME-Zarr）</translation>
    </message>
    <message>
        <source>Surface with the image on it (glTF, PLY)</source>
        <translation>贴有图像的曲面（glTF、PLY）</translation>
    </message>
    <message>
        <source>The sweep as a video (MP4)</source>
        <translation>扫描视频（MP4）</translation>
    </message>
    <message>
        <source>Needs more libraries: {command}</source>
        <translation>需要更多库：{command}</translation>
    </message>
    <message>
        <source>For a report</source>
        <translation>用于报告</translation>
    </message>
    <message>
        <source>For other programs</source>
        <translation>用于其他程序</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>What</source>
        <translation>内容</translation>
    </message>
    <message>
        <source>Replace the files that are there already</source>
        <translation>替换已有的文件</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>At most</source>
        <translation>至多</translation>
    </message>
    <message>
        <source>On disk now</source>
        <translation>磁盘上现有</translation>
    </message>
    <message>
        <source>Files that will be written</source>
        <translation>将要写入的文件</translation>
    </message>
    <message>
        <source>is there already</source>
        <translation>已存在</translation>
    </message>
    <message>
        <source>{n} files, {size} at most, go to {folder}</source>
        <translation>{n} 个文件（至多 {size}）写入 {folder}</translation>
    </message>
    <message>
        <source>{n} of them are there already: choose another name, or allow replacing.</source>
        <translation>其中 {n} 个已存在：请选择其他名称，或允许替换。</translation>
    </message>
    <message>
        <source>Export to a folder in</source>
        <translation>导出到以下位置的文件夹</translation>
    </message>
</context>
<context>
    <name>FieldsModel</name>
    <message>
        <source>No.</source>
        <translation>序号</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>视场</translation>
    </message>
    <message>
        <source>Focus, µm</source>
        <translation>焦点，µm</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
</context>
<context>
    <name>FieldsTable</name>
    <message>
        <source>Fields of the scan</source>
        <translation>玻片扫描的视场</translation>
    </message>
</context>
<context>
    <name>Filmstrip</name>
    <message>
        <source>Filmstrip with the sharpness of each frame</source>
        <translation>胶片条，附每帧的清晰度</translation>
    </message>
    <message>
        <source>Frames from the lowest z to the highest; the curve is how sharp each is as a whole</source>
        <translation>从最低 z 到最高 z 的各帧；曲线表示每帧整体的清晰程度</translation>
    </message>
</context>
<context>
    <name>FocusMeter</name>
    <message>
        <source>Sharpness of the picture</source>
        <translation>图像清晰度</translation>
    </message>
    <message>
        <source>Sharpness as the autofocus measures it. The tick keeps the sharpest picture so far; when the bar reaches it again, you are back in focus.</source>
        <translation>自动对焦所用的清晰度。刻线保留迄今最清晰的图像；指示条再次到达刻线时，您就回到了焦点。</translation>
    </message>
</context>
<context>
    <name>FrameSide</name>
    <message>
        <source>Leave this frame out</source>
        <translation>不使用此帧</translation>
    </message>
    <message>
        <source>Align frames</source>
        <translation>对齐各帧</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Under the mouse</source>
        <translation>鼠标所指</translation>
    </message>
    <message>
        <source>Weight over z at the clicked pixel</source>
        <translation>所点像素的权重随 z 的变化</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高度</translation>
    </message>
    <message>
        <source>Confidence</source>
        <translation>置信度</translation>
    </message>
    <message>
        <source>Weight of this frame</source>
        <translation>此帧的权重</translation>
    </message>
    <message>
        <source>never in focus</source>
        <translation>从未合焦</translation>
    </message>
    <message>
        <source>frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Mostly from frame {n} ({share:.0f} %)</source>
        <translation>主要来自第 {n} 帧（{share:.0f} %）</translation>
    </message>
    <message>
        <source>taken at z {z} µm</source>
        <translation>拍摄于 z {z} µm</translation>
    </message>
    <message>
        <source>Opening {name} …</source>
        <translation>正在打开 {name}…</translation>
    </message>
    <message>
        <source>Aligning {name} … {done} of {total}</source>
        <translation>正在对齐 {name} … {done} / {total}</translation>
    </message>
    <message>
        <source>Fusing {name} … {done} of {total}</source>
        <translation>正在融合 {name}… {done}/{total}</translation>
    </message>
    <message>
        <source>Writing to {name} … {done} of {total}</source>
        <translation>正在写入 {name}… {done}/{total}</translation>
    </message>
    <message>
        <source>frames</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>{n} frames, {width} × {height} RGB, {bits} bits
Heights {low} to {high} {unit}</source>
        <translation>{n} 帧，{width} × {height} RGB，{bits} 位
高度 {low} 至 {high} {unit}</translation>
    </message>
    <message>
        <source>{n} frames, {width} × {height} grey, {bits} bits
Heights {low} to {high} {unit}</source>
        <translation>{n} 帧，{width} × {height} 灰度，{bits} 位
高度 {low} 至 {high} {unit}</translation>
    </message>
    <message>
        <source>z is not known: heights count frames</source>
        <translation>z 未知：高度以帧计</translation>
    </message>
    <message>
        <source>Left out: {frames}</source>
        <translation>未使用：{frames}</translation>
    </message>
    <message>
        <source>Retouched by hand</source>
        <translation>已手工修饰</translation>
    </message>
    <message>
        <source>Parts were painted on the frames as they lie; clear the retouching first</source>
        <translation>已在当前位置的帧上修饰；请先清除修饰</translation>
    </message>
    <message>
        <source>Move frames that drift, grow or turn onto one another before fusing</source>
        <translation>融合前将漂移、缩放或旋转的帧彼此对齐</translation>
    </message>
    <message>
        <source>Frames moved by up to {px:.1f} px</source>
        <translation>各帧最大移动 {px:.1f} 像素</translation>
    </message>
    <message>
        <source>Frames lie within {px:.1f} px of each other</source>
        <translation>各帧相互偏差在 {px:.1f} 像素以内</translation>
    </message>
    <message>
        <source>Alignment in doubt after frame {n}</source>
        <translation>第 {n} 帧之后的对齐存疑</translation>
    </message>
    <message>
        <source>Light evened out: {low:.2f} to {high:.2f}</source>
        <translation>亮度已均衡：{low:.2f} 至 {high:.2f}</translation>
    </message>
</context>
<context>
    <name>FusionPair</name>
    <message>
        <source>Back to the list</source>
        <translation>返回列表</translation>
    </message>
    <message>
        <source>Height maps</source>
        <translation>高度图</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高度</translation>
    </message>
    <message>
        <source>Mean difference of the fused images: {n:.2f} of 255</source>
        <translation>融合图像的平均差：{n:.2f}（满值 255）</translation>
    </message>
</context>
<context>
    <name>FusionView</name>
    <message>
        <source>Fused so far</source>
        <translation>目前的融合结果</translation>
    </message>
    <message>
        <source>Focus weight map</source>
        <translation>聚焦权重图</translation>
    </message>
    <message>
        <source>Newest frame</source>
        <translation>最新一帧</translation>
    </message>
    <message>
        <source>Height map so far</source>
        <translation>目前的高度图</translation>
    </message>
    <message>
        <source>Heights in µm</source>
        <translation>高度（µm）</translation>
    </message>
    <message>
        <source>z as planned, in µm; the read-back&apos;s z come afterwards</source>
        <translation>按计划的 z（µm）；实测的 z 稍后给出</translation>
    </message>
    <message>
        <source>Share of the fused pixel, 0 to 1</source>
        <translation>在融合像素中的份额，0 至 1</translation>
    </message>
    <message>
        <source>Share of the newest frame in the fused pixel, 0 to 1</source>
        <translation>最新一帧在融合像素中的份额，0 至 1</translation>
    </message>
    <message>
        <source>frame {n}, z {z} µm</source>
        <translation>第 {n} 帧，z {z} µm</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>{n} frames fused, {lag} behind</source>
        <translation>已融合 {n} 帧，落后 {lag} 帧</translation>
    </message>
    <message>
        <source>1 frame fused</source>
        <translation>已融合 1 帧</translation>
    </message>
    <message>
        <source>{n} frames fused</source>
        <translation>已融合 {n} 帧</translation>
    </message>
</context>
<context>
    <name>FusionsPanel</name>
    <message>
        <source>Choose one capture.</source>
        <translation>请选择一个采集。</translation>
    </message>
    <message>
        <source>Reading {name} …</source>
        <translation>正在读取 {name}…</translation>
    </message>
    <message>
        <source>Aligning {name} …</source>
        <translation>正在对齐 {name}…</translation>
    </message>
    <message>
        <source>Fusing {name} …</source>
        <translation>正在融合 {name}…</translation>
    </message>
    <message>
        <source>Writing {name} …</source>
        <translation>正在写入 {name}…</translation>
    </message>
    <message>
        <source>Fusions of this capture</source>
        <translation>此采集的各次融合</translation>
    </message>
    <message>
        <source>Fuse again</source>
        <translation>重新融合</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Sharpest frames</source>
        <translation>最清晰的帧数</translation>
    </message>
    <message>
        <source>How many of the frames to fuse, the sharpest first</source>
        <translation>融合多少帧，最清晰者优先</translation>
    </message>
    <message>
        <source>all</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Align the frames first</source>
        <translation>先对齐各帧</translation>
    </message>
    <message>
        <source>The earlier results stay as they are</source>
        <translation>先前的结果保持不变</translation>
    </message>
    <message>
        <source>Give up</source>
        <translation>放弃</translation>
    </message>
    <message>
        <source>Compare two</source>
        <translation>比较两个</translation>
    </message>
    <message>
        <source>Choose two to see them side by side.</source>
        <translation>选择两个以并排查看。</translation>
    </message>
    <message>
        <source>{n} frames</source>
        <translation>{n} 帧</translation>
    </message>
    <message>
        <source>aligned</source>
        <translation>已对齐</translation>
    </message>
</context>
<context>
    <name>HistogramView</name>
    <message>
        <source>Histogram</source>
        <translation>直方图</translation>
    </message>
    <message>
        <source>How many pixels have which brightness, from black at the left to the end of the camera&apos;s scale at the right. The lines are what auto contrast shows as black and white; it changes the view, never the frames.</source>
        <translation>各亮度的像素数，从左边的黑到右边的相机满量程。两条线表示自动对比度显示为黑和白的亮度；它只改变显示，从不改变帧。</translation>
    </message>
</context>
<context>
    <name>HomingBar</name>
    <message>
        <source>Homing</source>
        <translation>回零</translation>
    </message>
    <message>
        <source>Home the stage</source>
        <translation>载物台回零</translation>
    </message>
    <message>
        <source>Yes, home now</source>
        <translation>是，现在回零</translation>
    </message>
    <message>
        <source>Not now</source>
        <translation>暂不</translation>
    </message>
    <message>
        <source>The stage will move to its end switches. Is the way clear?</source>
        <translation>载物台将移动到限位开关。路径上没有障碍吗？</translation>
    </message>
    <message>
        <source>All axes travel, z first. Make sure that neither the objective nor the slide can touch anything. STOP or Esc halts it.</source>
        <translation>所有轴都会移动，z 轴最先。请确认物镜和玻片都不会碰到任何东西。STOP 或 Esc 可使其停止。</translation>
    </message>
    <message>
        <source>The stage has not been homed.</source>
        <translation>载物台尚未回零。</translation>
    </message>
    <message>
        <source>Its position is not known, so it does not move until it has been homed.</source>
        <translation>其位置未知，因此在回零之前不会移动。</translation>
    </message>
</context>
<context>
    <name>LabelLine</name>
    <message>
        <source>No labels yet: add slide, sample …</source>
        <translation>尚无标签：填写玻片、样品…</translation>
    </message>
</context>
<context>
    <name>LabelsPanel</name>
    <message>
        <source>Open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>Review the chosen capture</source>
        <translation>查看所选的采集</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Slide</source>
        <translation>玻片</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>样品</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>操作员</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>视场</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Write the labels into the captures&apos; records</source>
        <translation>把标签写入各采集的记录</translation>
    </message>
    <message>
        <source>Nothing chosen</source>
        <translation>未选择</translation>
    </message>
    <message>
        <source>Choose a capture in the list.</source>
        <translation>请在列表中选择一个采集。</translation>
    </message>
    <message>
        <source>{n} captures</source>
        <translation>{n} 个采集</translation>
    </message>
    <message>
        <source>Labels that you change are changed in all of them.</source>
        <translation>您更改的标签会在所有所选采集中更改。</translation>
    </message>
    <message>
        <source>{date}, {state}
{microscope} {objective}, {n} frames</source>
        <translation>{date}，{state}
{microscope} {objective}，{n} 帧</translation>
    </message>
    <message>
        <source>{date}, {state}
{microscope} {objective}, 1 frame</source>
        <translation>{date}，{state}
{microscope} {objective}，1 帧</translation>
    </message>
    <message>
        <source>Save labels of {n} captures</source>
        <translation>保存 {n} 个采集的标签</translation>
    </message>
    <message>
        <source>Save labels</source>
        <translation>保存标签</translation>
    </message>
</context>
<context>
    <name>LibraryFilters</name>
    <message>
        <source>Search labels, notes, names</source>
        <translation>搜索标签、备注、名称</translation>
    </message>
    <message>
        <source>All slides</source>
        <translation>所有玻片</translation>
    </message>
    <message>
        <source>All samples</source>
        <translation>所有样品</translation>
    </message>
    <message>
        <source>All machines</source>
        <translation>所有机器</translation>
    </message>
    <message>
        <source>All operators</source>
        <translation>所有操作员</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>任何时间</translation>
    </message>
    <message>
        <source>Today</source>
        <translation>今天</translation>
    </message>
    <message>
        <source>Last 7 days</source>
        <translation>最近 7 天</translation>
    </message>
    <message>
        <source>Last 30 days</source>
        <translation>最近 30 天</translation>
    </message>
    <message>
        <source>Last year</source>
        <translation>最近一年</translation>
    </message>
    <message>
        <source>When it was captured</source>
        <translation>采集时间</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>最近</translation>
    </message>
    <message>
        <source>Open again what was opened last</source>
        <translation>重新打开最近打开过的内容</translation>
    </message>
</context>
<context>
    <name>LibraryPage</name>
    <message>
        <source>Captures</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>{n} captures</source>
        <translation>{n} 个采集</translation>
    </message>
    <message>
        <source>1 capture</source>
        <translation>1 个采集</translation>
    </message>
    <message>
        <source>{n} of {total} captures</source>
        <translation>{n} 个采集，共 {total} 个</translation>
    </message>
    <message>
        <source>No captures yet</source>
        <translation>尚无采集</translation>
    </message>
    <message>
        <source>Capture on the page Live, or drop a folder of images here to fuse it.</source>
        <translation>请在“实时”页面采集，或把图像文件夹拖放到此处进行融合。</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>没有找到</translation>
    </message>
    <message>
        <source>No capture fits the search and the choices above.</source>
        <translation>没有采集符合上方的搜索和选择。</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Fusions</source>
        <translation>各次融合</translation>
    </message>
</context>
<context>
    <name>LivePage</name>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>no frame for {s:.0f} s</source>
        <translation>已有 {s:.0f} s 没有帧</translation>
    </message>
    <message>
        <source>{fps:.1f} frames/s</source>
        <translation>{fps:.1f} 帧/s</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>载物台</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Sweep</source>
        <translation>扫描</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Labels</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Wheel: z step, with Shift ten times, with Ctrl a tenth · double click: centre · drag: move the picture, or the slide with the tool “Drag slide”</source>
        <translation>滚轮：移动一个 z 步长，Shift 为十倍，Ctrl 为十分之一 · 双击：居中 · 拖动：移动图像，使用“拖动玻片”工具时移动玻片</translation>
    </message>
    <message>
        <source>Connecting to the microscope …</source>
        <translation>正在连接显微镜…</translation>
    </message>
    <message>
        <source>Homing the stage …</source>
        <translation>载物台正在回零…</translation>
    </message>
    <message>
        <source>Waiting for the first picture …</source>
        <translation>正在等待第一幅图像…</translation>
    </message>
    <message>
        <source>No microscope</source>
        <translation>没有显微镜</translation>
    </message>
    <message>
        <source>Shutting down …</source>
        <translation>正在关闭…</translation>
    </message>
</context>
<context>
    <name>LiveStrip</name>
    <message>
        <source>Sharpness</source>
        <translation>清晰度</translation>
    </message>
    <message>
        <source>{share:.0f} % of the peak</source>
        <translation>峰值的 {share:.0f} %</translation>
    </message>
    <message>
        <source>{share:.0f} % of the peak at z {z} µm</source>
        <translation>峰值（z {z} µm 处）的 {share:.0f} %</translation>
    </message>
    <message>
        <source>Overexposed: {share:.1f} % clipped. Expose for less than {ms:.3g} ms.</source>
        <translation>过曝：{share:.1f} % 已饱和。曝光时间请小于 {ms:.3g} ms。</translation>
    </message>
    <message>
        <source>Black: check the lamp and the exposure.</source>
        <translation>全黑：请检查光源和曝光。</translation>
    </message>
    <message>
        <source>Well exposed: the bright part is at {level:.0f} % of the scale.</source>
        <translation>曝光良好：亮部位于量程的 {level:.0f} %。</translation>
    </message>
    <message>
        <source>Dark: the bright part is at {level:.0f} %; about {ms:.3g} ms would do.</source>
        <translation>偏暗：亮部位于 {level:.0f} %；约 {ms:.3g} ms 为宜。</translation>
    </message>
    <message>
        <source>Bright: at {level:.0f} % of the scale; about {ms:.3g} ms would do.</source>
        <translation>偏亮：位于量程的 {level:.0f} %；约 {ms:.3g} ms 为宜。</translation>
    </message>
</context>
<context>
    <name>LogSheet</name>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Show only lines with this text</source>
        <translation>只显示含有此文字的行</translation>
    </message>
    <message>
        <source>Lines of the log</source>
        <translation>日志内容</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>No log file: {trouble}</source>
        <translation>没有日志文件：{trouble}</translation>
    </message>
    <message>
        <source>Written to {path}</source>
        <translation>写入 {path}</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Stopping the stage, keeping what was captured …</source>
        <translation>正在停止载物台，已采集的内容会保留…</translation>
    </message>
    <message>
        <source>Halted after {ms:.0f} ms at z {z:.1f} µm</source>
        <translation>{ms:.0f} ms 后停止，z {z:.1f} µm</translation>
    </message>
    <message>
        <source>Cancelled; what was captured is kept.</source>
        <translation>已取消；已采集的内容已保留。</translation>
    </message>
    <message>
        <source>Cancelled before the first frame.</source>
        <translation>在第一帧之前已取消。</translation>
    </message>
    <message>
        <source>{n} files written to {folder}</source>
        <translation>已将 {n} 个文件写入 {folder}</translation>
    </message>
    <message>
        <source>Stopping …</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>Cancelling …</source>
        <translation>正在取消…</translation>
    </message>
    <message>
        <source>There is nothing to export yet.</source>
        <translation>还没有可导出的内容。</translation>
    </message>
    <message>
        <source>Only the first of {n} is opened.</source>
        <translation>{n} 个中只打开第一个。</translation>
    </message>
</context>
<context>
    <name>MeasurePanel</name>
    <message>
        <source>Tools</source>
        <translation>工具</translation>
    </message>
    <message>
        <source>Measurements</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>Value</source>
        <translation>数值</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>标注</translation>
    </message>
    <message>
        <source>Label of the chosen measurement</source>
        <translation>所选测量的标注</translation>
    </message>
    <message>
        <source>Height along the chosen line</source>
        <translation>沿所选线的高度</translation>
    </message>
    <message>
        <source>Drag from end to end, or click both ends. The right button moves.</source>
        <translation>从一端拖到另一端，或点击两端。右键移动图像。</translation>
    </message>
    <message>
        <source>Choose a tool. The mouse moves the picture.</source>
        <translation>请选择一个工具。鼠标移动图像。</translation>
    </message>
    <message>
        <source>Click a measurement; drag it, or one of its points.</source>
        <translation>点击一个测量；拖动它或它的某个点。</translation>
    </message>
    <message>
        <source>Drag from the tail to the tip. The right button moves.</source>
        <translation>从尾端拖到箭头尖。右键移动图像。</translation>
    </message>
    <message>
        <source>Drag from the centre to the edge. The right button moves.</source>
        <translation>从圆心拖到边缘。右键移动图像。</translation>
    </message>
    <message>
        <source>Click the corners; a double click closes. The right button moves.</source>
        <translation>点击各顶点；双击闭合。右键移动图像。</translation>
    </message>
    <message>
        <source>Click where it belongs, then type it as the label.</source>
        <translation>点击要放置的位置，然后在标注栏中输入文字。</translation>
    </message>
</context>
<context>
    <name>NextLabelsPanel</name>
    <message>
        <source>Next capture</source>
        <translation>下一次采集</translation>
    </message>
    <message>
        <source>Slide</source>
        <translation>玻片</translation>
    </message>
    <message>
        <source>Its number or name</source>
        <translation>编号或名称</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>样品</translation>
    </message>
    <message>
        <source>Which oil, taken when</source>
        <translation>何种油，何时取样</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>Where the oil comes from</source>
        <translation>油样来自哪台机器</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>操作员</translation>
    </message>
    <message>
        <source>Who works here</source>
        <translation>由谁操作</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>视场</translation>
    </message>
    <message>
        <source>Where on the slide</source>
        <translation>在玻片上的位置</translation>
    </message>
    <message>
        <source>Notes</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>Anything else</source>
        <translation>其他说明</translation>
    </message>
    <message>
        <source>Kept with the capture. Field and notes are for one capture only.</source>
        <translation>随采集保存。视场和备注只用于一次采集。</translation>
    </message>
</context>
<context>
    <name>ObjectivesStep</name>
    <message>
        <source>As engraved on the barrels. The numerical aperture decides the depth of field, and with it the step of a sweep.</source>
        <translation>按镜筒上刻印的数值。数值孔径决定景深，从而决定扫描的步长。</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>Magnification</source>
        <translation>放大倍数</translation>
    </message>
    <message>
        <source>Numerical aperture</source>
        <translation>数值孔径</translation>
    </message>
    <message>
        <source>Measured pixel, µm</source>
        <translation>实测像素，µm</translation>
    </message>
    <message>
        <source>Objectives</source>
        <translation>物镜</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>添加</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Objective in use</source>
        <translation>使用中的物镜</translation>
    </message>
    <message>
        <source>new</source>
        <translation>新建</translation>
    </message>
</context>
<context>
    <name>Overview</name>
    <message>
        <source>Opacity of the weights in %</source>
        <translation>权重的不透明度（%）</translation>
    </message>
    <message>
        <source>Focus weight, 0 to 1</source>
        <translation>聚焦权重，0 至 1</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高度</translation>
    </message>
    <message>
        <source>Confidence, 0 to 1</source>
        <translation>置信度，0 至 1</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Focus weights of this frame</source>
        <translation>此帧的聚焦权重</translation>
    </message>
    <message>
        <source>Fused image</source>
        <translation>融合图像</translation>
    </message>
    <message>
        <source>Height map</source>
        <translation>高度图</translation>
    </message>
    <message>
        <source>in colour</source>
        <translation>彩色</translation>
    </message>
    <message>
        <source>as contours</source>
        <translation>等高线</translation>
    </message>
    <message>
        <source>confidence</source>
        <translation>置信度</translation>
    </message>
    <message>
        <source>How heights are shown</source>
        <translation>高度的显示方式</translation>
    </message>
    <message>
        <source>Heights in colour or as lines, or how far they can be believed</source>
        <translation>以颜色或等高线显示高度，或显示其可信程度</translation>
    </message>
    <message>
        <source>edited</source>
        <translation>已编辑</translation>
    </message>
    <message>
        <source>frame {n}</source>
        <translation>第 {n} 帧</translation>
    </message>
    <message>
        <source>frame {n}, left out</source>
        <translation>第 {n} 帧，未使用</translation>
    </message>
    <message>
        <source>computing …</source>
        <translation>正在计算…</translation>
    </message>
    <message>
        <source>frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>never in focus: {share:.1f} %</source>
        <translation>从未合焦：{share:.1f} %</translation>
    </message>
    <message>
        <source>every {step:g} {unit}</source>
        <translation>每 {step:g} {unit}</translation>
    </message>
</context>
<context>
    <name>PixelStep</name>
    <message>
        <source>For the objective in use. Without it, the engraved magnification counts.</source>
        <translation>针对使用中的物镜。若不测量，则以刻印的放大倍数为准。</translation>
    </message>
    <message>
        <source>With a stage micrometer</source>
        <translation>使用台测微尺</translation>
    </message>
    <message>
        <source>Save a picture of its lines, sharp and filling the field. Then say how far apart the lines are and choose the picture.</source>
        <translation>保存一张刻线清晰并充满视场的图像，然后给出刻线间距并选择该图像。</translation>
    </message>
    <message>
        <source>Distance of the lines in µm</source>
        <translation>刻线间距（µm）</translation>
    </message>
    <message>
        <source>Choose the picture…</source>
        <translation>选择图像…</translation>
    </message>
    <message>
        <source>By moving the stage</source>
        <translation>通过移动载物台</translation>
    </message>
    <message>
        <source>Focus on a field with many edges. The stage goes up to half a field to either side in x and y, and the shift of the picture is measured; z stays. A stage that is not homed is homed first. STOP or Esc halts it.</source>
        <translation>请对焦到边缘丰富的视场。载物台沿 x 和 y 向两侧各移动最多半个视场，并测量图像的位移；z 不动。尚未回零的载物台会先回零。STOP 或 Esc 可使其停止。</translation>
    </message>
    <message>
        <source>The way is clear, also to the end switches</source>
        <translation>路径畅通，直到限位开关也是如此</translation>
    </message>
    <message>
        <source>Move and measure</source>
        <translation>移动并测量</translation>
    </message>
    <message>
        <source>Pixel {um:.5f} µm ± {sigma:.5f} µm ({how})</source>
        <translation>像素 {um:.5f} µm ± {sigma:.5f} µm（{how}）</translation>
    </message>
    <message>
        <source>Picture of a stage micrometer</source>
        <translation>台测微尺的图像</translation>
    </message>
    <message>
        <source>The table of objectives keeps its own pixel, which is more certain. To have this one, empty that cell and measure again.</source>
        <translation>物镜表保留原有的像素值，它更可靠。若要采用本次结果，请清空该单元格后重新测量。</translation>
    </message>
</context>
<context>
    <name>PlacesPanel</name>
    <message>
        <source>Map, µm</source>
        <translation>地图（µm）</translation>
    </message>
    <message>
        <source>Go to, µm</source>
        <translation>前往（µm）</translation>
    </message>
    <message>
        <source>Stored positions</source>
        <translation>已存位置</translation>
    </message>
    <message>
        <source>Go</source>
        <translation>前往</translation>
    </message>
    <message>
        <source>Go there: up first, then across, then down</source>
        <translation>前往该处：先升高，再横移，最后下降</translation>
    </message>
    <message>
        <source>Here</source>
        <translation>此处</translation>
    </message>
    <message>
        <source>Put the present position into the fields</source>
        <translation>把当前位置填入各栏</translation>
    </message>
    <message>
        <source>Go to the position of this name</source>
        <translation>前往此名称的位置</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Forget the position of this name</source>
        <translation>忘记此名称的位置</translation>
    </message>
    <message>
        <source>Name of a stored position</source>
        <translation>已存位置的名称</translation>
    </message>
    <message>
        <source>Name, or leave empty</source>
        <translation>名称，可留空</translation>
    </message>
    <message>
        <source>{axis} to go to, in µm</source>
        <translation>要前往的 {axis}（µm）</translation>
    </message>
</context>
<context>
    <name>RetouchPanel</name>
    <message>
        <source>Brush</source>
        <translation>画笔</translation>
    </message>
    <message>
        <source>Steps</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>Painted so far</source>
        <translation>目前的绘制</translation>
    </message>
    <message>
        <source>Give back to the fusion</source>
        <translation>恢复融合结果</translation>
    </message>
    <message>
        <source>What you paint is as the network fused it</source>
        <translation>所绘之处恢复为网络融合的结果</translation>
    </message>
    <message>
        <source>What you paint is taken from the frame of the slider</source>
        <translation>所绘之处取自滑块所在的帧</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>Size of the brush</source>
        <translation>画笔大小</translation>
    </message>
    <message>
        <source>Colour what is painted</source>
        <translation>给绘制处着色</translation>
    </message>
    <message>
        <source>Choose the frame in the strip, then paint on either picture. Wheel: zoom; right button: move the picture.</source>
        <translation>在胶片条中选择一帧，然后在任一图像上绘制。滚轮：缩放；右键：移动图像。</translation>
    </message>
    <message>
        <source>Kept with the capture; its frames stay as they are.</source>
        <translation>随采集保存；各帧保持不变。</translation>
    </message>
    <message>
        <source>This stack is no capture: export to keep what you paint.</source>
        <translation>此图像栈不是采集：请导出以保留所绘内容。</translation>
    </message>
    <message>
        <source>Take from frame {n}</source>
        <translation>取自第 {n} 帧</translation>
    </message>
    <message>
        <source>Frame {n} is left out</source>
        <translation>第 {n} 帧未使用</translation>
    </message>
    <message>
        <source>Frame {n}: {share:.1f} % of the picture</source>
        <translation>第 {n} 帧：占图像的 {share:.1f} %</translation>
    </message>
    <message>
        <source>and {n} more</source>
        <translation>以及另外 {n} 个</translation>
    </message>
    <message>
        <source>Nothing yet</source>
        <translation>还没有</translation>
    </message>
</context>
<context>
    <name>RetouchView</name>
    <message>
        <source>Fused image</source>
        <translation>融合图像</translation>
    </message>
    <message>
        <source>Frame to take from</source>
        <translation>要取用的帧</translation>
    </message>
    <message>
        <source>frame {n}, left out</source>
        <translation>第 {n} 帧，未使用</translation>
    </message>
    <message>
        <source>frame {n}</source>
        <translation>第 {n} 帧</translation>
    </message>
</context>
<context>
    <name>ReviewPage</name>
    <message>
        <source>Frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Frame of the stack, from the lowest z to the highest</source>
        <translation>图像栈中的帧，从最低 z 到最高 z</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>各帧</translation>
    </message>
    <message>
        <source>Retouch</source>
        <translation>修饰</translation>
    </message>
    <message>
        <source>Measure</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>No stack to review yet</source>
        <translation>还没有可查看的图像栈</translation>
    </message>
    <message>
        <source>Capture one at the microscope, or open a capture from disk.</source>
        <translation>在显微镜上采集一个，或从磁盘打开一个采集。</translation>
    </message>
</context>
<context>
    <name>SaveStep</name>
    <message>
        <source>One file per microscope. Limits, directions and units of the axes stay as they are in the profile this began from: check them before the stage moves.</source>
        <translation>每台显微镜一个文件。各轴的限位、方向和单位与起始配置文件相同：请在载物台移动之前检查。</translation>
    </message>
    <message>
        <source>Name of the microscope</source>
        <translation>显微镜名称</translation>
    </message>
    <message>
        <source>Save and connect</source>
        <translation>保存并连接</translation>
    </message>
    <message>
        <source>What is saved</source>
        <translation>将保存的内容</translation>
    </message>
    <message>
        <source>Stage</source>
        <translation>载物台</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>相机</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>物镜</translation>
    </message>
    <message>
        <source>Pixel</source>
        <translation>像素</translation>
    </message>
</context>
<context>
    <name>ScanMosaic</name>
    <message>
        <source>Overview of the fields</source>
        <translation>各视场总览</translation>
    </message>
    <message>
        <source>The fields appear here once it is known where they lie.</source>
        <translation>确定视场位置后，将显示在这里。</translation>
    </message>
</context>
<context>
    <name>ScanPage</name>
    <message>
        <source>Slide scan</source>
        <translation>玻片扫描</translation>
    </message>
    <message>
        <source>On the stage, µm</source>
        <translation>在载物台上（µm）</translation>
    </message>
    <message>
        <source>{n} fields planned</source>
        <translation>计划 {n} 个视场</translation>
    </message>
    <message>
        <source>{n} of {total} fields fused</source>
        <translation>已融合 {n} 个视场，共 {total} 个</translation>
    </message>
</context>
<context>
    <name>ScanRunCard</name>
    <message>
        <source>Progress of the scan</source>
        <translation>玻片扫描进度</translation>
    </message>
    <message>
        <source>Not finished yet</source>
        <translation>尚未完成</translation>
    </message>
    <message>
        <source>{when} · {n} of {total} done</source>
        <translation>{when} · 已完成 {n}/{total}</translation>
    </message>
    <message>
        <source>Field {n} of {total}</source>
        <translation>视场 {n}/{total}</translation>
    </message>
    <message>
        <source>Starting …</source>
        <translation>正在开始…</translation>
    </message>
    <message>
        <source>{n} of {total} fields fused.</source>
        <translation>已融合 {n} 个视场，共 {total} 个。</translation>
    </message>
    <message>
        <source>{empty} with nothing to focus on.</source>
        <translation>{empty} 个视场没有可对焦的内容。</translation>
    </message>
    <message>
        <source>{failed} failed; the list says why.</source>
        <translation>{failed} 个失败；原因见列表。</translation>
    </message>
    <message>
        <source>{left} left to capture.</source>
        <translation>还有 {left} 个待采集。</translation>
    </message>
    <message>
        <source>Scan finished</source>
        <translation>玻片扫描完成</translation>
    </message>
    <message>
        <source>Scan broken off</source>
        <translation>玻片扫描中断</translation>
    </message>
    <message>
        <source>Scan stopped</source>
        <translation>玻片扫描已停止</translation>
    </message>
    <message>
        <source>{size} of {free} free</source>
        <translation>{size}，可用 {free}</translation>
    </message>
    <message>
        <source>{n} fields · about {time}
{size}</source>
        <translation>{n} 个视场 · 约 {time}
{size}</translation>
    </message>
    <message>
        <source>About {time} left, done at {end}</source>
        <translation>约剩 {time}，{end} 完成</translation>
    </message>
</context>
<context>
    <name>ScanSetupCard</name>
    <message>
        <source>Fields</source>
        <translation>视场</translation>
    </message>
    <message>
        <source>Grid</source>
        <translation>网格</translation>
    </message>
    <message>
        <source>Fields side by side</source>
        <translation>相邻排列的视场</translation>
    </message>
    <message>
        <source>Ferrogram</source>
        <translation>铁谱片</translation>
    </message>
    <message>
        <source>At the standard distances from the entry of the deposit</source>
        <translation>位于距沉积入口的标准距离处</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Stored positions of the stage</source>
        <translation>载物台的已存位置</translation>
    </message>
    <message>
        <source>File</source>
        <translation>文件</translation>
    </message>
    <message>
        <source>A list of x and y in a CSV file</source>
        <translation>CSV 文件中的 x、y 列表</translation>
    </message>
    <message>
        <source>Columns</source>
        <translation>列数</translation>
    </message>
    <message>
        <source>Rows</source>
        <translation>行数</translation>
    </message>
    <message>
        <source>Overlap</source>
        <translation>重叠</translation>
    </message>
    <message>
        <source>Oil flows</source>
        <translation>油流方向</translation>
    </message>
    <message>
        <source>Distances, mm</source>
        <translation>距离，mm</translation>
    </message>
    <message>
        <source>Fields beside each other, along x</source>
        <translation>沿 x 并排的视场数</translation>
    </message>
    <message>
        <source>Fields below each other, along y</source>
        <translation>沿 y 排列的视场数</translation>
    </message>
    <message>
        <source>Along which axis the oil flowed, from the entry on</source>
        <translation>油从入口起沿哪个轴流动</translation>
    </message>
    <message>
        <source>Of neighbouring fields, as a share of the field</source>
        <translation>相邻视场之间，占视场的份额</translation>
    </message>
    <message>
        <source>From the entry, in mm, separated by commas</source>
        <translation>距入口，单位 mm，用逗号分隔</translation>
    </message>
    <message>
        <source>to the right, +x</source>
        <translation>向右，+x</translation>
    </message>
    <message>
        <source>to the left, −x</source>
        <translation>向左，−x</translation>
    </message>
    <message>
        <source>down, +y</source>
        <translation>向下，+y</translation>
    </message>
    <message>
        <source>up, −y</source>
        <translation>向上，−y</translation>
    </message>
    <message>
        <source>Stored positions to scan</source>
        <translation>要扫描的已存位置</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>选择文件…</translation>
    </message>
    <message>
        <source>CSV whose first line names the columns: x_um, y_um and, if wanted, name</source>
        <translation>CSV，首行为列名：x_um、y_um，以及可选的 name</translation>
    </message>
    <message>
        <source>Middle follows the stage</source>
        <translation>中心跟随载物台</translation>
    </message>
    <message>
        <source>Entry follows the stage</source>
        <translation>入口跟随载物台</translation>
    </message>
    <message>
        <source>{n} fields read</source>
        <translation>已读入 {n} 个视场</translation>
    </message>
    <message>
        <source>A CSV file with the columns x_um, y_um and, if wanted, name.</source>
        <translation>CSV 文件，列为 x_um、y_um，以及可选的 name。</translation>
    </message>
    <message>
        <source>List of fields</source>
        <translation>视场列表</translation>
    </message>
</context>
<context>
    <name>SetupSheet</name>
    <message>
        <source>Set up a microscope</source>
        <translation>设置显微镜</translation>
    </message>
    <message>
        <source>1  Stage</source>
        <translation>1  载物台</translation>
    </message>
    <message>
        <source>2  Camera</source>
        <translation>2  相机</translation>
    </message>
    <message>
        <source>3  Objectives</source>
        <translation>3  物镜</translation>
    </message>
    <message>
        <source>4  Pixel size</source>
        <translation>4  像素大小</translation>
    </message>
    <message>
        <source>5  Save</source>
        <translation>5  保存</translation>
    </message>
    <message>
        <source>Steps of the setup</source>
        <translation>设置步骤</translation>
    </message>
    <message>
        <source>STOP</source>
        <translation>STOP</translation>
    </message>
    <message>
        <source>STOP: halt all motion</source>
        <translation>STOP：停止一切运动</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>下一步</translation>
    </message>
    <message>
        <source>Not yet: {reason}</source>
        <translation>尚不可以：{reason}</translation>
    </message>
    <message>
        <source>The simulated stage needs no test.</source>
        <translation>模拟载物台无需测试。</translation>
    </message>
    <message>
        <source>Saved as {path}</source>
        <translation>已保存为 {path}</translation>
    </message>
</context>
<context>
    <name>StackChooser</name>
    <message>
        <source>Open a capture or a folder of images</source>
        <translation>打开采集或图像文件夹</translation>
    </message>
    <message>
        <source>Open a multi-page TIFF or a video</source>
        <translation>打开多页 TIFF 或视频</translation>
    </message>
</context>
<context>
    <name>StageMap</name>
    <message>
        <source>Map of the stage</source>
        <translation>载物台地图</translation>
    </message>
    <message>
        <source>The frame is what the stage can reach, in µm. Double-click to go there.</source>
        <translation>方框为载物台可到达的范围，单位 µm。双击即可前往。</translation>
    </message>
</context>
<context>
    <name>StagePanel</name>
    <message>
        <source>Position {axis} in µm</source>
        <translation>{axis} 位置（µm）</translation>
    </message>
    <message>
        <source>Step in x and y in µm</source>
        <translation>x 和 y 的步长（µm）</translation>
    </message>
    <message>
        <source>Step in z in µm</source>
        <translation>z 的步长（µm）</translation>
    </message>
    <message>
        <source>{name}; Shift makes it ten times larger, Ctrl ten times smaller</source>
        <translation>{name}；Shift 使其增大十倍，Ctrl 使其缩小为十分之一</translation>
    </message>
    <message>
        <source>No stage is connected yet.</source>
        <translation>尚未连接载物台。</translation>
    </message>
    <message>
        <source>The stage is homing.</source>
        <translation>载物台正在回零。</translation>
    </message>
    <message>
        <source>The capture moves the stage.</source>
        <translation>采集正在移动载物台。</translation>
    </message>
    <message>
        <source>The stage does not answer: connect again.</source>
        <translation>载物台没有应答：请重新连接。</translation>
    </message>
    <message>
        <source>Home the stage first.</source>
        <translation>请先使载物台回零。</translation>
    </message>
    <message>
        <source>Shift: ten times the step · Ctrl: a tenth</source>
        <translation>Shift：十倍步长 · Ctrl：十分之一</translation>
    </message>
    <message>
        <source>Depth of field {dof} µm · pixel {pixel} µm</source>
        <translation>景深 {dof} µm · 像素 {pixel} µm</translation>
    </message>
    <message>
        <source>Move z by {um:+g} µm; hold to go on</source>
        <translation>z 移动 {um:+g} µm；按住可持续移动</translation>
    </message>
</context>
<context>
    <name>StageStep</name>
    <message>
        <source>Asks on every port which controller is there; nothing moves. Then choose what answered, or write driver and port yourself.</source>
        <translation>在每个端口询问是哪种控制器；不会移动任何东西。然后选择有应答的设备，或自行填写驱动和端口。</translation>
    </message>
    <message>
        <source>Find stages and cameras</source>
        <translation>查找载物台和相机</translation>
    </message>
    <message>
        <source>Ports and what answered on them</source>
        <translation>端口及其应答</translation>
    </message>
    <message>
        <source>Ports and what answered on them appear here.</source>
        <translation>端口及其应答会显示在这里。</translation>
    </message>
    <message>
        <source>Driver</source>
        <translation>驱动</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>端口</translation>
    </message>
    <message>
        <source>Test the stage</source>
        <translation>测试载物台</translation>
    </message>
    <message>
        <source>Connects, and shows position and limits in µm; no motion</source>
        <translation>连接并显示位置和限位（µm）；不移动</translation>
    </message>
</context>
<context>
    <name>SurfaceCanvas</name>
    <message>
        <source>Rendering …</source>
        <translation>正在绘制…</translation>
    </message>
    <message>
        <source>Heights ×{factor:g} · drag or arrow keys: turn · wheel: zoom</source>
        <translation>高度 ×{factor:g} · 拖动或方向键：旋转 · 滚轮：缩放</translation>
    </message>
</context>
<context>
    <name>SurfacePage</name>
    <message>
        <source>Surface shows</source>
        <translation>曲面显示</translation>
    </message>
    <message>
        <source>Exaggeration</source>
        <translation>高度放大</translation>
    </message>
    <message>
        <source>Fused image</source>
        <translation>融合图像</translation>
    </message>
    <message>
        <source>Heights in colour</source>
        <translation>以颜色表示高度</translation>
    </message>
    <message>
        <source>How high heights are drawn, against lengths in x and y</source>
        <translation>高度相对于 x 和 y 长度的绘制倍数</translation>
    </message>
    <message>
        <source>Height map as a surface</source>
        <translation>以曲面显示高度图</translation>
    </message>
    <message>
        <source>Height</source>
        <translation>高度</translation>
    </message>
    <message>
        <source>frame</source>
        <translation>帧</translation>
    </message>
</context>
<context>
    <name>SweepDiagram</name>
    <message>
        <source>The sweep along z</source>
        <translation>沿 z 的扫描</translation>
    </message>
    <message>
        <source>From the left, which is near the slide, to the right: the run-up in which the stage gains its speed, the frames, and the run-down.</source>
        <translation>从左（靠近玻片）到右：载物台加速的起跑段、各帧、以及减速段。</translation>
    </message>
</context>
<context>
    <name>SweepPanel</name>
    <message>
        <source>Next sweep</source>
        <translation>下一次扫描</translation>
    </message>
    <message>
        <source>The autofocus finds the range</source>
        <translation>由自动对焦确定范围</translation>
    </message>
    <message>
        <source>Focus on both ends and set them</source>
        <translation>对焦到两端并设定</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Set ends</source>
        <translation>设定两端</translation>
    </message>
    <message>
        <source>Around z</source>
        <translation>围绕当前 z</translation>
    </message>
    <message>
        <source>As far below as above the z at which the capture starts</source>
        <translation>在采集开始时的 z 上下等距</translation>
    </message>
    <message>
        <source>The autofocus finds glass and particles, then sweeps them.</source>
        <translation>自动对焦找到玻璃面和颗粒，然后扫描。</translation>
    </message>
    <message>
        <source>How far below and above to sweep, in µm</source>
        <translation>向上和向下各扫描多远（µm）</translation>
    </message>
    <message>
        <source>Step as a share of the depth of field</source>
        <translation>步长占景深的份额</translation>
    </message>
    <message>
        <source>Distance between frames, as a share of the depth of field; 50 % or less is fine</source>
        <translation>帧间距占景深的份额；50 % 或更小为宜</translation>
    </message>
    <message>
        <source>Objective in use</source>
        <translation>使用中的物镜</translation>
    </message>
    <message>
        <source>The objective on the microscope; choosing one sets its preset, nothing moves</source>
        <translation>显微镜上的物镜；选择时采用其预设，不移动任何东西</translation>
    </message>
    <message>
        <source>Objective</source>
        <translation>物镜</translation>
    </message>
    <message>
        <source>Step, of the depth of field</source>
        <translation>步长，占景深</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步长</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>帧数</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>时间</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>磁盘</translation>
    </message>
    <message>
        <source>Blur in z</source>
        <translation>z 向模糊</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>速度</translation>
    </message>
    <message>
        <source>Bottom {low} · top {high}</source>
        <translation>底 {low} · 顶 {high}</translation>
    </message>
    <message>
        <source>Estimated for particles up to {um} µm; the autofocus decides.</source>
        <translation>按不高于 {um} µm 的颗粒估计；由自动对焦决定。</translation>
    </message>
    <message>
        <source>{step} µm · depth of field {dof} µm</source>
        <translation>{step} µm · 景深 {dof} µm</translation>
    </message>
    <message>
        <source>{n} at {fps:.1f}/s</source>
        <translation>{n} 帧，{fps:.1f}/s</translation>
    </message>
    <message>
        <source>{size} of {free} free</source>
        <translation>{size}，剩余 {free}</translation>
    </message>
    <message>
        <source>{blur} µm per exposure</source>
        <translation>每次曝光 {blur} µm</translation>
    </message>
</context>
<context>
    <name>TopBar</name>
    <message>
        <source>STOP</source>
        <translation>STOP</translation>
    </message>
    <message>
        <source>STOP: halt all motion</source>
        <translation>STOP：停止一切运动</translation>
    </message>
    <message>
        <source>State of the microscope</source>
        <translation>显微镜状态</translation>
    </message>
    <message>
        <source>Last message</source>
        <translation>最近的消息</translation>
    </message>
    <message>
        <source>No microscope</source>
        <translation>没有显微镜</translation>
    </message>
    <message>
        <source>connecting …</source>
        <translation>正在连接…</translation>
    </message>
    <message>
        <source>homing …</source>
        <translation>正在回零…</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source>shutting down …</source>
        <translation>正在关闭…</translation>
    </message>
    <message>
        <source>capturing …</source>
        <translation>正在采集…</translation>
    </message>
    <message>
        <source>no stage</source>
        <translation>没有载物台</translation>
    </message>
    <message>
        <source>stage does not answer</source>
        <translation>载物台没有应答</translation>
    </message>
    <message>
        <source>ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>stage is moving</source>
        <translation>载物台正在移动</translation>
    </message>
    <message>
        <source>stopping …</source>
        <translation>正在停止…</translation>
    </message>
    <message>
        <source>alarm: home again</source>
        <translation>报警：请重新回零</translation>
    </message>
</context>
<context>
    <name>WeightCurve</name>
    <message>
        <source>Focus weight over z at the clicked pixel</source>
        <translation>所点像素的聚焦权重随 z 的变化</translation>
    </message>
    <message>
        <source>Click a pixel to see which frames make it up</source>
        <translation>点击一个像素，查看它由哪些帧构成</translation>
    </message>
</context>
<context>
    <name>ZBar</name>
    <message>
        <source>z between its soft limits</source>
        <translation>z 在软限位之间的位置</translation>
    </message>
    <message>
        <source>z in µm between the soft limits; up is away from the slide. The coloured bracket is the range of the sweep.</source>
        <translation>软限位之间的 z（µm）；向上为远离玻片。彩色区段是扫描范围。</translation>
    </message>
</context>
<context>
    <name>commands</name>
    <message>
        <source>STOP</source>
        <translation>STOP</translation>
    </message>
    <message>
        <source>Halt all motion at once; works in every state and every dialog</source>
        <translation>立即停止一切运动；在任何状态和任何对话框中都有效</translation>
    </message>
    <message>
        <source>Capture</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>Focus, sweep along z and fuse</source>
        <translation>对焦、沿 z 扫描并融合</translation>
    </message>
    <message>
        <source>Cancel capture</source>
        <translation>取消采集</translation>
    </message>
    <message>
        <source>Stop the stage and keep what was captured</source>
        <translation>停止载物台并保留已采集的内容</translation>
    </message>
    <message>
        <source>Home the stage…</source>
        <translation>载物台回零…</translation>
    </message>
    <message>
        <source>Let the stage find its reference switches; asks first</source>
        <translation>让载物台寻找参考开关；会先询问</translation>
    </message>
    <message>
        <source>Connect again</source>
        <translation>重新连接</translation>
    </message>
    <message>
        <source>Close the microscope and open it anew</source>
        <translation>关闭显微镜并重新打开</translation>
    </message>
    <message>
        <source>Set bottom</source>
        <translation>设为底</translation>
    </message>
    <message>
        <source>Begin the range of the sweep at the present z</source>
        <translation>以当前 z 作为扫描范围的起点</translation>
    </message>
    <message>
        <source>Set top</source>
        <translation>设为顶</translation>
    </message>
    <message>
        <source>End the range of the sweep at the present z</source>
        <translation>以当前 z 作为扫描范围的终点</translation>
    </message>
    <message>
        <source>Clear</source>
        <translation>清除</translation>
    </message>
    <message>
        <source>Let the autofocus find the range of the sweep</source>
        <translation>由自动对焦确定扫描范围</translation>
    </message>
    <message>
        <source>Move left</source>
        <translation>向左移动</translation>
    </message>
    <message>
        <source>Move left, −x, by the chosen step in µm</source>
        <translation>向左移动（−x），步长为所选的 µm</translation>
    </message>
    <message>
        <source>Move right</source>
        <translation>向右移动</translation>
    </message>
    <message>
        <source>Move right, +x, by the chosen step in µm</source>
        <translation>向右移动（+x），步长为所选的 µm</translation>
    </message>
    <message>
        <source>Move up in the picture</source>
        <translation>在图像中上移</translation>
    </message>
    <message>
        <source>Move down in the picture</source>
        <translation>在图像中下移</translation>
    </message>
    <message>
        <source>Move up in the picture, −y, by the chosen step in µm</source>
        <translation>在图像中上移（−y），步长为所选的 µm</translation>
    </message>
    <message>
        <source>Move down in the picture, +y, by the chosen step in µm</source>
        <translation>在图像中下移（+y），步长为所选的 µm</translation>
    </message>
    <message>
        <source>Focus up</source>
        <translation>焦点上移</translation>
    </message>
    <message>
        <source>Focus up, away from the slide, +z, by the chosen step in µm</source>
        <translation>焦点上移，远离玻片（+z），步长为所选的 µm</translation>
    </message>
    <message>
        <source>Focus down</source>
        <translation>焦点下移</translation>
    </message>
    <message>
        <source>Focus down, toward the slide, −z, by the chosen step in µm</source>
        <translation>焦点下移，靠近玻片（−z），步长为所选的 µm</translation>
    </message>
    <message>
        <source>Open capture folder…</source>
        <translation>打开采集文件夹…</translation>
    </message>
    <message>
        <source>Review a capture or a folder of images</source>
        <translation>查看采集或图像文件夹</translation>
    </message>
    <message>
        <source>Open stack file…</source>
        <translation>打开图像栈文件…</translation>
    </message>
    <message>
        <source>Review a multi-page TIFF or a video</source>
        <translation>查看多页 TIFF 或视频</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Write fused image, weights and height map to a folder</source>
        <translation>将融合图像、权重和高度图写入文件夹</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Stop the stage and close</source>
        <translation>停止载物台并关闭</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Live picture and capture</source>
        <translation>实时图像与采集</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>Look at a stack</source>
        <translation>查看图像栈</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>适合窗口</translation>
    </message>
    <message>
        <source>Show the whole picture</source>
        <translation>显示整幅图像</translation>
    </message>
    <message>
        <source>One pixel of the picture on one pixel of the screen</source>
        <translation>图像的一个像素对应屏幕的一个像素</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
    <message>
        <source>Crosshair</source>
        <translation>十字线</translation>
    </message>
    <message>
        <source>Mark the middle of the picture</source>
        <translation>标出图像中心</translation>
    </message>
    <message>
        <source>Previous frame</source>
        <translation>上一帧</translation>
    </message>
    <message>
        <source>Review the frame below</source>
        <translation>查看下方的一帧</translation>
    </message>
    <message>
        <source>Next frame</source>
        <translation>下一帧</translation>
    </message>
    <message>
        <source>Review the frame above</source>
        <translation>查看上方的一帧</translation>
    </message>
    <message>
        <source>Set up a microscope…</source>
        <translation>设置显微镜…</translation>
    </message>
    <message>
        <source>Find stage and camera, measure the pixel size, save a profile</source>
        <translation>查找载物台和相机，测量像素大小，保存配置文件</translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation>深色主题</translation>
    </message>
    <message>
        <source>For rooms in which people look into microscopes</source>
        <translation>适合在显微镜暗室中使用</translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation>浅色主题</translation>
    </message>
    <message>
        <source>For bright rooms</source>
        <translation>适合明亮的房间</translation>
    </message>
    <message>
        <source>Show all texts in English</source>
        <translation>以英文显示所有文字</translation>
    </message>
    <message>
        <source>Show all texts in Simplified Chinese</source>
        <translation>以简体中文显示所有文字</translation>
    </message>
    <message>
        <source>Find a command…</source>
        <translation>查找命令…</translation>
    </message>
    <message>
        <source>Type a part of its name, run it with Enter</source>
        <translation>输入名称的一部分，按回车执行</translation>
    </message>
    <message>
        <source>Keys and commands</source>
        <translation>按键与命令</translation>
    </message>
    <message>
        <source>Show every command with its keys</source>
        <translation>显示每个命令及其按键</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Show what the program has done, and where the log file lies</source>
        <translation>显示程序做过什么，以及日志文件在哪里</translation>
    </message>
    <message>
        <source>About WearIF</source>
        <translation>关于 WearIF</translation>
    </message>
    <message>
        <source>Show the versions of the program and of what it is built on</source>
        <translation>显示程序及其所用组件的版本</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Microscope</source>
        <translation>显微镜(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;Camera</source>
        <translation>相机(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Stage</source>
        <translation>载物台(&amp;S)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Review</source>
        <translation>查看(&amp;R)</translation>
    </message>
    <message>
        <source>M&amp;easure</source>
        <translation>测量(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>采集库</translation>
    </message>
    <message>
        <source>Find, label, open and compare captures</source>
        <translation>查找、标注、打开和比较采集</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>Look for captures on disk once more</source>
        <translation>再次在磁盘上查找采集</translation>
    </message>
    <message>
        <source>Search captures</source>
        <translation>搜索采集</translation>
    </message>
    <message>
        <source>Search captures by their labels, notes and names</source>
        <translation>按标签、备注和名称搜索采集</translation>
    </message>
    <message>
        <source>Snapshot</source>
        <translation>快照</translation>
    </message>
    <message>
        <source>Save the live picture as TIFF, untouched, and as PNG with its scale bar</source>
        <translation>把实时图像存为未改动的 TIFF，以及带比例尺的 PNG</translation>
    </message>
    <message>
        <source>Drag slide</source>
        <translation>拖动玻片</translation>
    </message>
    <message>
        <source>Dragging moves the stage instead of the picture on the screen</source>
        <translation>拖动时移动载物台，而不是屏幕上的图像</translation>
    </message>
    <message>
        <source>Grid</source>
        <translation>网格</translation>
    </message>
    <message>
        <source>Lines a round number of micrometres apart</source>
        <translation>间距为整数微米的网格线</translation>
    </message>
    <message>
        <source>Zebra</source>
        <translation>斑马纹</translation>
    </message>
    <message>
        <source>Stripes where the camera is overexposed</source>
        <translation>在相机过曝处显示条纹</translation>
    </message>
    <message>
        <source>Auto contrast</source>
        <translation>自动对比度</translation>
    </message>
    <message>
        <source>Stretch the contrast of the view; the frames stay as they are</source>
        <translation>拉伸显示的对比度；各帧保持不变</translation>
    </message>
    <message>
        <source>Reset</source>
        <translation>重置</translation>
    </message>
    <message>
        <source>Forget the sharpest picture so far and look for it anew</source>
        <translation>忘记迄今最清晰的图像，重新寻找</translation>
    </message>
    <message>
        <source>Auto</source>
        <translation>自动</translation>
    </message>
    <message>
        <source>Find the exposure at which all but metal glints is below the end</source>
        <translation>寻找除金属反光外均不饱和的曝光</translation>
    </message>
    <message>
        <source>Pick white</source>
        <translation>点选白色</translation>
    </message>
    <message>
        <source>Then click on empty slide in the live picture: it becomes grey</source>
        <translation>然后在实时图像中点击空白玻片处：使其变为灰色</translation>
    </message>
    <message>
        <source>Auto white</source>
        <translation>自动白平衡</translation>
    </message>
    <message>
        <source>Make the bright part of the picture grey</source>
        <translation>使图像的亮部变为灰色</translation>
    </message>
    <message>
        <source>Save preset</source>
        <translation>保存预设</translation>
    </message>
    <message>
        <source>Keep step, exposure, gain and frame rate for this objective</source>
        <translation>为此物镜保留步长、曝光、增益和帧率</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>并排显示</translation>
    </message>
    <message>
        <source>Show the four pictures of a growing fusion in one size</source>
        <translation>以相同大小显示正在增长的融合的四幅图像</translation>
    </message>
    <message>
        <source>Count x from here</source>
        <translation>x 从此处起算</translation>
    </message>
    <message>
        <source>Show x as 0 here; the limits stay where they are</source>
        <translation>把此处的 x 显示为 0；限位不变</translation>
    </message>
    <message>
        <source>Count y from here</source>
        <translation>y 从此处起算</translation>
    </message>
    <message>
        <source>Show y as 0 here; the limits stay where they are</source>
        <translation>把此处的 y 显示为 0；限位不变</translation>
    </message>
    <message>
        <source>Count z from here</source>
        <translation>z 从此处起算</translation>
    </message>
    <message>
        <source>Show z as 0 here; the limits stay where they are</source>
        <translation>把此处的 z 显示为 0；限位不变</translation>
    </message>
    <message>
        <source>Stage&apos;s own zero</source>
        <translation>载物台自身零点</translation>
    </message>
    <message>
        <source>Show the stage&apos;s own coordinates again</source>
        <translation>重新显示载物台自身的坐标</translation>
    </message>
    <message>
        <source>Store position</source>
        <translation>存储位置</translation>
    </message>
    <message>
        <source>Store where the stage is</source>
        <translation>存储载物台的当前位置</translation>
    </message>
    <message>
        <source>Label next capture…</source>
        <translation>填写下一次采集的标签…</translation>
    </message>
    <message>
        <source>Say which slide, sample and machine the next captures are of</source>
        <translation>说明接下来的采集属于哪个玻片、样品和机器</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>Move the picture, click pixels</source>
        <translation>移动图像，点击像素</translation>
    </message>
    <message>
        <source>Select</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>Choose and change what was measured</source>
        <translation>选择并修改已测量的内容</translation>
    </message>
    <message>
        <source>Ruler</source>
        <translation>标尺</translation>
    </message>
    <message>
        <source>Measure a length</source>
        <translation>测量长度</translation>
    </message>
    <message>
        <source>Circle</source>
        <translation>圆</translation>
    </message>
    <message>
        <source>Measure a diameter</source>
        <translation>测量直径</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>轮廓</translation>
    </message>
    <message>
        <source>Measure area, perimeter and equivalent diameter of a particle</source>
        <translation>测量颗粒的面积、周长和等效直径</translation>
    </message>
    <message>
        <source>Profile</source>
        <translation>剖面</translation>
    </message>
    <message>
        <source>Show heights along a line</source>
        <translation>显示沿线的高度</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Write on the picture</source>
        <translation>在图像上书写</translation>
    </message>
    <message>
        <source>Arrow</source>
        <translation>箭头</translation>
    </message>
    <message>
        <source>Point at something</source>
        <translation>指向某处</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Take back the last change of what the side of the review shows</source>
        <translation>撤销查看页侧栏所示内容的最后一次更改</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Make the change again that was taken back last</source>
        <translation>重做上次撤销的更改</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>删除</translation>
    </message>
    <message>
        <source>Take the chosen measurement away</source>
        <translation>删除所选的测量</translation>
    </message>
    <message>
        <source>Copy as CSV</source>
        <translation>复制为 CSV</translation>
    </message>
    <message>
        <source>Copy all measurements as a table</source>
        <translation>把所有测量复制为表格</translation>
    </message>
    <message>
        <source>Overview</source>
        <translation>总览</translation>
    </message>
    <message>
        <source>A frame, its weights, the fused image and the heights</source>
        <translation>一帧、其权重、融合图像和高度</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Two pictures in one place, with an edge to swipe</source>
        <translation>同一位置的两幅图像，以可拖动的边界分开</translation>
    </message>
    <message>
        <source>Surface</source>
        <translation>曲面</translation>
    </message>
    <message>
        <source>The height map as a surface that can be turned</source>
        <translation>可旋转的高度图曲面</translation>
    </message>
    <message>
        <source>Retouch</source>
        <translation>修饰</translation>
    </message>
    <message>
        <source>Paint where the fused image is to be taken from which frame</source>
        <translation>在需要从某帧取用之处绘制</translation>
    </message>
    <message>
        <source>Leave this frame out</source>
        <translation>不使用此帧</translation>
    </message>
    <message>
        <source>Fuse without the frame of the slider, or take it in again</source>
        <translation>不使用滑块所在的帧进行融合，或重新使用它</translation>
    </message>
    <message>
        <source>Smaller brush</source>
        <translation>缩小画笔</translation>
    </message>
    <message>
        <source>Make the brush of retouching smaller</source>
        <translation>缩小修饰画笔</translation>
    </message>
    <message>
        <source>Larger brush</source>
        <translation>放大画笔</translation>
    </message>
    <message>
        <source>Make the brush of retouching larger</source>
        <translation>放大修饰画笔</translation>
    </message>
    <message>
        <source>Clear all</source>
        <translation>全部清除</translation>
    </message>
    <message>
        <source>Take back everything that was painted; can be undone</source>
        <translation>撤去所有绘制；可以撤销</translation>
    </message>
    <message>
        <source>Scan</source>
        <translation>玻片扫描</translation>
    </message>
    <message>
        <source>Capture many fields of a slide by themselves</source>
        <translation>自动采集玻片上的许多视场</translation>
    </message>
    <message>
        <source>Start scan</source>
        <translation>开始玻片扫描</translation>
    </message>
    <message>
        <source>Go from field to field; at each focus, sweep and fuse</source>
        <translation>逐个前往各视场；在每个视场对焦、扫描并融合</translation>
    </message>
    <message>
        <source>Stop scan</source>
        <translation>停止玻片扫描</translation>
    </message>
    <message>
        <source>Halt the stage and keep everything; the scan can be resumed</source>
        <translation>停止载物台并保留全部内容；玻片扫描可以继续</translation>
    </message>
    <message>
        <source>Resume scan</source>
        <translation>继续玻片扫描</translation>
    </message>
    <message>
        <source>Capture the fields that are left; the slide must lie as it did</source>
        <translation>采集剩下的视场；玻片必须仍在原位</translation>
    </message>
    <message>
        <source>New scan</source>
        <translation>新建玻片扫描</translation>
    </message>
    <message>
        <source>Plan another scan; this one stays on disk</source>
        <translation>规划另一次玻片扫描；这一次保留在磁盘上</translation>
    </message>
    <message>
        <source>From here</source>
        <translation>以此处为准</translation>
    </message>
    <message>
        <source>Set out the fields from where the stage is now, and keep them there</source>
        <translation>以载物台当前位置布置视场，并固定不动</translation>
    </message>
    <message>
        <source>Go to field</source>
        <translation>前往视场</translation>
    </message>
    <message>
        <source>Move the stage to the chosen field of the scan</source>
        <translation>将载物台移到所选的视场</translation>
    </message>
    <message>
        <source>Review field</source>
        <translation>查看视场</translation>
    </message>
    <message>
        <source>Look at the capture of the chosen field of the scan</source>
        <translation>查看所选视场的采集</translation>
    </message>
</context>
<context>
    <name>library</name>
    <message>
        <source>Capture</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>日期</translation>
    </message>
    <message>
        <source>Slide</source>
        <translation>玻片</translation>
    </message>
    <message>
        <source>Sample</source>
        <translation>样品</translation>
    </message>
    <message>
        <source>Machine</source>
        <translation>机器</translation>
    </message>
    <message>
        <source>Operator</source>
        <translation>操作员</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>帧数</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>recording</source>
        <translation>正在记录</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>完整</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>interrupted</source>
        <translation>中断</translation>
    </message>
    <message>
        <source>unreadable</source>
        <translation>无法读取</translation>
    </message>
</context>
<context>
    <name>measurements</name>
    <message>
        <source>Ruler</source>
        <translation>标尺</translation>
    </message>
    <message>
        <source>Circle</source>
        <translation>圆</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>轮廓</translation>
    </message>
    <message>
        <source>Height profile</source>
        <translation>高度剖面</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>文字</translation>
    </message>
    <message>
        <source>Arrow</source>
        <translation>箭头</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>长度</translation>
    </message>
    <message>
        <source>Angle</source>
        <translation>角度</translation>
    </message>
    <message>
        <source>Diameter</source>
        <translation>直径</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>面积</translation>
    </message>
    <message>
        <source>Perimeter</source>
        <translation>周长</translation>
    </message>
    <message>
        <source>Equivalent diameter</source>
        <translation>等效直径</translation>
    </message>
    <message>
        <source>Longest extent</source>
        <translation>最大外延</translation>
    </message>
    <message>
        <source>Lowest</source>
        <translation>最低</translation>
    </message>
    <message>
        <source>Highest</source>
        <translation>最高</translation>
    </message>
    <message>
        <source>Height difference</source>
        <translation>高度差</translation>
    </message>
</context>
<context>
    <name>phrases</name>
    <message>
        <source>
After the warm-up memory changed by {0} KiB per capture, threads by {1}, handles by {2}: {3}.</source>
        <translation>
预热后内存每次采集变化 {0} KiB，线程变化 {1}，句柄变化 {2}：{3}。</translation>
    </message>
    <message>
        <source>A grid of {0} x {1} fields, {2} x {3} µm apart, is none: give at least 1 x 1 fields and a positive distance.</source>
        <translation>{0} x {1} 个视场、间距 {2} x {3} µm 的网格不成立：至少需要 1 x 1 个视场和正的间距。</translation>
    </message>
    <message>
        <source>A thumbnail</source>
        <translation>缩略图</translation>
    </message>
    <message>
        <source>An interrupted capture was recovered: {0}</source>
        <translation>已恢复一次中断的采集：{0}</translation>
    </message>
    <message>
        <source>Asking how much room the disk has</source>
        <translation>查询磁盘剩余空间</translation>
    </message>
    <message>
        <source>Bring it to rest, or reset it.</source>
        <translation>使其静止，或将其复位。</translation>
    </message>
    <message>
        <source>Bring the stage to where it counts from by hand.</source>
        <translation>请手动把载物台带到计数起点。</translation>
    </message>
    <message>
        <source>Bring the stage to where it counts from, then connect again.</source>
        <translation>请把载物台带到计数起点，然后重新连接。</translation>
    </message>
    <message>
        <source>By $102={0} and um_per_unit = {1} one motor step of z is {2} µm.</source>
        <translation>按 $102={0} 和 um_per_unit = {1}，z 的一个电机步为 {2} µm。</translation>
    </message>
    <message>
        <source>Cancelling the capture</source>
        <translation>取消采集</translation>
    </message>
    <message>
        <source>Capture</source>
        <translation>采集</translation>
    </message>
    <message>
        <source>Check cable and power, and that no other program uses the camera.</source>
        <translation>请检查电缆和电源，并确认没有其他程序占用该相机。</translation>
    </message>
    <message>
        <source>Check its cable and its power, then connect again.</source>
        <translation>请检查电缆和电源，然后重新连接。</translation>
    </message>
    <message>
        <source>Check lamp, shutter and camera.</source>
        <translation>请检查光源、快门和相机。</translation>
    </message>
    <message>
        <source>Check that it has power, that this is its port, and the baud rate.</source>
        <translation>请检查是否通电、端口是否正确以及波特率。</translation>
    </message>
    <message>
        <source>Check that nothing blocks it.</source>
        <translation>请检查有没有东西阻挡它。</translation>
    </message>
    <message>
        <source>Check the addresses of the axes in the profile.</source>
        <translation>请检查配置文件中各轴的地址。</translation>
    </message>
    <message>
        <source>Check the cable and the port&apos;s name, and that no other program uses it.</source>
        <translation>请检查电缆和端口名称，并确认没有其他程序占用它。</translation>
    </message>
    <message>
        <source>Check the cable and the power, then connect again.</source>
        <translation>请检查电缆和电源，然后重新连接。</translation>
    </message>
    <message>
        <source>Check the cable and the power.</source>
        <translation>请检查电缆和电源。</translation>
    </message>
    <message>
        <source>Check the cable, and that no other program uses the camera.</source>
        <translation>请检查电缆，并确认没有其他程序占用该相机。</translation>
    </message>
    <message>
        <source>Check the cable, and that no other program uses the port.</source>
        <translation>请检查电缆，并确认没有其他程序占用该端口。</translation>
    </message>
    <message>
        <source>Check the cable, and that the system knows the camera.</source>
        <translation>请检查电缆，并确认系统认识该相机。</translation>
    </message>
    <message>
        <source>Check the cable.</source>
        <translation>请检查电缆。</translation>
    </message>
    <message>
        <source>Check the camera&apos;s cable and power, then connect again.</source>
        <translation>请检查相机的电缆和电源，然后重新连接。</translation>
    </message>
    <message>
        <source>Check the camera.</source>
        <translation>请检查相机。</translation>
    </message>
    <message>
        <source>Check the device&apos;s cable and power; restart the program if this goes on.</source>
        <translation>请检查设备的电缆和电源；若持续如此，请重新启动程序。</translation>
    </message>
    <message>
        <source>Check the firmware&apos;s version.</source>
        <translation>请检查固件版本。</translation>
    </message>
    <message>
        <source>Check the limit switches, then home again.</source>
        <translation>请检查限位开关，然后重新回零。</translation>
    </message>
    <message>
        <source>Check the microstep&apos;s size (um_per_unit) of {0} in the profile.</source>
        <translation>请检查配置文件中 {0} 的微步大小（um_per_unit）。</translation>
    </message>
    <message>
        <source>Check the port and the baud rate, or update the firmware.</source>
        <translation>请检查端口和波特率，或更新固件。</translation>
    </message>
    <message>
        <source>Check the port and the profile&apos;s driver.</source>
        <translation>请检查端口和配置文件中的驱动。</translation>
    </message>
    <message>
        <source>Check the port, the baud rate and the profile&apos;s driver.</source>
        <translation>请检查端口、波特率和配置文件中的驱动。</translation>
    </message>
    <message>
        <source>Check the profile&apos;s limits, direction and offset of {0}, and ${1}.</source>
        <translation>请检查配置文件中 {0} 的限位、方向和偏移，以及 ${1}。</translation>
    </message>
    <message>
        <source>Check the profile&apos;s limits, direction and offset of {0}.</source>
        <translation>请检查配置文件中 {0} 的限位、方向和偏移。</translation>
    </message>
    <message>
        <source>Check the stage&apos;s cables and that all axes are enabled.</source>
        <translation>请检查载物台的电缆，并确认所有轴均已启用。</translation>
    </message>
    <message>
        <source>Choose a region within.</source>
        <translation>请选择范围之内的区域。</translation>
    </message>
    <message>
        <source>Choose a speed in between.</source>
        <translation>请选择介于其间的速度。</translation>
    </message>
    <message>
        <source>Choose a target within the limits.</source>
        <translation>请选择限位之内的目标。</translation>
    </message>
    <message>
        <source>Choose a value in between.</source>
        <translation>请选择介于其间的数值。</translation>
    </message>
    <message>
        <source>Choose another one.</source>
        <translation>请选择另一个。</translation>
    </message>
    <message>
        <source>Choose another pixel type in Micro-Manager&apos;s configuration.</source>
        <translation>请在 Micro-Manager 的配置中选择另一种像素类型。</translation>
    </message>
    <message>
        <source>Choose one of these.</source>
        <translation>请从中选择一个。</translation>
    </message>
    <message>
        <source>Choose one under Core: Camera in Micro-Manager&apos;s configuration.</source>
        <translation>请在 Micro-Manager 配置的 Core: Camera 下选择一个。</translation>
    </message>
    <message>
        <source>Choose one under Core: Focus in Micro-Manager&apos;s configuration.</source>
        <translation>请在 Micro-Manager 配置的 Core: Focus 下选择一个。</translation>
    </message>
    <message>
        <source>Computing a weight map</source>
        <translation>计算权重图</translation>
    </message>
    <message>
        <source>Connect again.</source>
        <translation>请重新连接。</translation>
    </message>
    <message>
        <source>Connect it.</source>
        <translation>请连接它。</translation>
    </message>
    <message>
        <source>Connect the camera again.</source>
        <translation>请重新连接相机。</translation>
    </message>
    <message>
        <source>Connect the camera first.</source>
        <translation>请先连接相机。</translation>
    </message>
    <message>
        <source>Connect the stage first.</source>
        <translation>请先连接载物台。</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Disconnecting</source>
        <translation>断开连接</translation>
    </message>
    <message>
        <source>Do it at the controller, or add the table.</source>
        <translation>请在控制器上操作，或添加该表。</translation>
    </message>
    <message>
        <source>Editing the fusion</source>
        <translation>编辑融合</translation>
    </message>
    <message>
        <source>FFmpeg could not encode it: {0}</source>
        <translation>FFmpeg 无法编码：{0}</translation>
    </message>
    <message>
        <source>Finding the exposure</source>
        <translation>寻找曝光</translation>
    </message>
    <message>
        <source>Finding the white balance</source>
        <translation>寻找白平衡</translation>
    </message>
    <message>
        <source>Fit limit switches and switch homing on.</source>
        <translation>请安装限位开关并启用回零。</translation>
    </message>
    <message>
        <source>Fusing again</source>
        <translation>重新融合</translation>
    </message>
    <message>
        <source>Fusing {0} again</source>
        <translation>重新融合 {0}</translation>
    </message>
    <message>
        <source>Give lower_um and upper_um of {0} in the profile.</source>
        <translation>请在配置文件中给出 {0} 的 lower_um 和 upper_um。</translation>
    </message>
    <message>
        <source>Give um_per_unit of {0}: the microstep size in the stage&apos;s data sheet.</source>
        <translation>请给出 {0} 的 um_per_unit：载物台数据手册中的微步大小。</translation>
    </message>
    <message>
        <source>Home the stage first.</source>
        <translation>请先使载物台回零。</translation>
    </message>
    <message>
        <source>Home the stage in Micro-Manager, then connect again.</source>
        <translation>请在 Micro-Manager 中使载物台回零，然后重新连接。</translation>
    </message>
    <message>
        <source>Home the stage.</source>
        <translation>请使载物台回零。</translation>
    </message>
    <message>
        <source>Homing</source>
        <translation>回零</translation>
    </message>
    <message>
        <source>Homing finds the switches of x and y; z is left where it is.</source>
        <translation>回零会寻找 x 和 y 的开关；z 保持原位。</translation>
    </message>
    <message>
        <source>Homing runs x and y to their switches; z is left where it is.</source>
        <translation>回零使 x 和 y 移动到其开关；z 保持原位。</translation>
    </message>
    <message>
        <source>Homing was stopped: home again before moving.</source>
        <translation>回零已停止：移动之前请重新回零。</translation>
    </message>
    <message>
        <source>Images are compressed: fine texture is lost. YUYV keeps it, where it is fast.</source>
        <translation>图像经过压缩：细微纹理会丢失。YUYV 在速度快时可保留纹理。</translation>
    </message>
    <message>
        <source>Images are stamped by the computer when they arrive, not by the camera.</source>
        <translation>图像的时间由计算机在到达时标记，而不是由相机标记。</translation>
    </message>
    <message>
        <source>Install it with: pip install pypylon</source>
        <translation>请安装：pip install pypylon</translation>
    </message>
    <message>
        <source>It goes no slower than {0} µm/s and is read back to {1} µm.</source>
        <translation>最低速度为 {0} µm/s，回读分辨率为 {1} µm。</translation>
    </message>
    <message>
        <source>It runs at {0} frames/s instead of {1}.</source>
        <translation>它以 {0} 帧/s 运行，而不是 {1}。</translation>
    </message>
    <message>
        <source>It takes no exposure time. {0} ms are reckoned with, the longest that its frame rate allows.</source>
        <translation>它不接受曝光时间。按 {0} ms 计算，这是其帧率允许的最长时间。</translation>
    </message>
    <message>
        <source>It takes no gain.</source>
        <translation>它不接受增益。</translation>
    </message>
    <message>
        <source>Its automatic white balance cannot be seen to be off: colours may change.</source>
        <translation>无法确认其自动白平衡已关闭：颜色可能变化。</translation>
    </message>
    <message>
        <source>Leave it as it is.</source>
        <translation>请保持原样。</translation>
    </message>
    <message>
        <source>Leave it out.</source>
        <translation>请省略它。</translation>
    </message>
    <message>
        <source>Look at the stage before trying again.</source>
        <translation>再次尝试之前请查看载物台。</translation>
    </message>
    <message>
        <source>Look at the stage, then home it.</source>
        <translation>请查看载物台，然后使其回零。</translation>
    </message>
    <message>
        <source>Look at the stage, then try again.</source>
        <translation>请查看载物台，然后再试。</translation>
    </message>
    <message>
        <source>Look into its manual, then write it into the profile or the controller&apos;s file.</source>
        <translation>请查阅其手册，然后写入配置文件或控制器文件。</translation>
    </message>
    <message>
        <source>Measuring</source>
        <translation>测量</translation>
    </message>
    <message>
        <source>Micro-Manager did not return in {0} s</source>
        <translation>Micro-Manager 在 {0} s 内没有返回</translation>
    </message>
    <message>
        <source>Micro-Manager sets no frame rate: the camera runs as fast as exposure and read-out let it.</source>
        <translation>Micro-Manager 不设定帧率：相机以曝光和读出所允许的最快速度运行。</translation>
    </message>
    <message>
        <source>Micro-Manager tells no accelerations: run-ups are estimated.</source>
        <translation>Micro-Manager 不报告加速度：起跑段为估计值。</translation>
    </message>
    <message>
        <source>Micro-Manager tells none, and the profile names none</source>
        <translation>Micro-Manager 未给出限位，配置文件中也没有</translation>
    </message>
    <message>
        <source>Mode {0}; another one is a pixel_format such as MJPG 1920x1080.</source>
        <translation>模式 {0}；另一个可用的 pixel_format 例如 MJPG 1920x1080。</translation>
    </message>
    <message>
        <source>Move an empty part of the slide into view, and check the colour of the lamp.</source>
        <translation>请把玻片的空白处移入视场，并检查光源的颜色。</translation>
    </message>
    <message>
        <source>Moving</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>Moving to the middle of the slide</source>
        <translation>移动到玻片中央</translation>
    </message>
    <message>
        <source>Name one of these in the profile, or none.</source>
        <translation>请在配置文件中指明其中之一，或都不指明。</translation>
    </message>
    <message>
        <source>Name the property in the profile, or drive the stage without Micro-Manager.</source>
        <translation>请在配置文件中指明该属性，或不通过 Micro-Manager 驱动载物台。</translation>
    </message>
    <message>
        <source>No contrast between {0} and {1} µm: check the lamp, the exposure, and that there are particles under the objective.</source>
        <translation>在 {0} 和 {1} µm 之间没有对比度：请检查光源、曝光，以及物镜下是否有颗粒。</translation>
    </message>
    <message>
        <source>No evenly spaced lines were found: focus on the stage micrometer, and let its lines fill the picture.</source>
        <translation>没有找到等间距的刻线：请对焦到台测微尺，并让刻线充满图像。</translation>
    </message>
    <message>
        <source>No list is read yet: choose a file.</source>
        <translation>尚未读入列表：请选择文件。</translation>
    </message>
    <message>
        <source>No microscope is connected yet.</source>
        <translation>尚未连接显微镜。</translation>
    </message>
    <message>
        <source>No picture came within {0} s: check the camera&apos;s cable.</source>
        <translation>{0} s 内没有收到图像：请检查相机的电缆。</translation>
    </message>
    <message>
        <source>No position along the ferrogram is given: name at least one.</source>
        <translation>没有给出沿铁谱片的位置：至少指定一个。</translation>
    </message>
    <message>
        <source>No stored position is chosen: store some on the live page, or choose.</source>
        <translation>没有选择已存位置：请在实时页面存储，或进行选择。</translation>
    </message>
    <message>
        <source>Nothing gets sharp between {0} and {1} µm: check the lamp, the exposure, and that there are particles under the objective.</source>
        <translation>在 {0} 和 {1} µm 之间没有清晰的内容：请检查光源、曝光，以及物镜下是否有颗粒。</translation>
    </message>
    <message>
        <source>Of a gain of {0} it took {1} of its own steps.</source>
        <translation>对于 {0} 的增益，它采用了自身的 {1} 级。</translation>
    </message>
    <message>
        <source>On the disk to measure.</source>
        <translation>在要测量的磁盘上。</translation>
    </message>
    <message>
        <source>Only {0} lines are in the picture, and {1} are needed: use a weaker objective or a finer ruling.</source>
        <translation>图像中只有 {0} 条刻线，而需要 {1} 条：请使用低倍物镜或更细的刻线。</translation>
    </message>
    <message>
        <source>Only {0} of {1} pictures agree on how they follow the stage: focus on something with many edges that is fixed to the slide.</source>
        <translation>{1} 张图像中只有 {0} 张与载物台的移动一致：请对焦到固定在玻片上、边缘丰富的目标。</translation>
    </message>
    <message>
        <source>Open the configuration in Micro-Manager to see which device is missing.</source>
        <translation>请在 Micro-Manager 中打开该配置，查看缺少哪个设备。</translation>
    </message>
    <message>
        <source>Opening {0}</source>
        <translation>打开 {0}</translation>
    </message>
    <message>
        <source>Press the controller&apos;s reset button.</source>
        <translation>请按控制器的复位按钮。</translation>
    </message>
    <message>
        <source>Rate, acceleration and travel must be positive.</source>
        <translation>速率、加速度和行程必须为正。</translation>
    </message>
    <message>
        <source>Reading stored positions and presets</source>
        <translation>读取已存的位置和预设</translation>
    </message>
    <message>
        <source>Reading the captures folder</source>
        <translation>读取采集文件夹</translation>
    </message>
    <message>
        <source>Reading the list of fields</source>
        <translation>读取视场列表</translation>
    </message>
    <message>
        <source>Reading what was measured in {0}</source>
        <translation>读取 {0} 中的测量</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>查看</translation>
    </message>
    <message>
        <source>Rolling shutter: the rows of an image are exposed one after the other, the last {0} ms after the first, each at its own z. Sweep slowly.</source>
        <translation>卷帘快门：图像各行依次曝光，最后一行比第一行晚 {0} ms，各在自己的 z。请慢速扫描。</translation>
    </message>
    <message>
        <source>Run `mmcore install`, or name their folder in the profile.</source>
        <translation>请运行 `mmcore install`，或在配置文件中指明其文件夹。</translation>
    </message>
    <message>
        <source>Run: pip install &apos;wearif[micromanager]&apos;.</source>
        <translation>请运行：pip install &apos;wearif[micromanager]&apos;。</translation>
    </message>
    <message>
        <source>STOP</source>
        <translation>STOP</translation>
    </message>
    <message>
        <source>STOP was called before it began</source>
        <translation>开始之前已按下 STOP</translation>
    </message>
    <message>
        <source>Saving the snapshot</source>
        <translation>保存快照</translation>
    </message>
    <message>
        <source>Set $13=0 and connect again.</source>
        <translation>请设定 $13=0 并重新连接。</translation>
    </message>
    <message>
        <source>Set the exposure first, and move an empty part of the slide into view.</source>
        <translation>请先设定曝光，并把玻片的空白处移入视场。</translation>
    </message>
    <message>
        <source>Set them with Märzhäuser&apos;s own program.</source>
        <translation>请用 Märzhäuser 自己的程序设定。</translation>
    </message>
    <message>
        <source>Set {0} and {1} in the controller and um_per_unit to {2} for {3} in the profile: then {4} goes as slowly as {5} µm/s and is read back to {6} µm.</source>
        <translation>请在控制器中设定 {0} 和 {1}，并在配置文件中把 {3} 的 um_per_unit 设为 {2}：这样 {4} 可慢到 {5} µm/s，读数精确到 {6} µm。</translation>
    </message>
    <message>
        <source>Setting the camera</source>
        <translation>设定相机</translation>
    </message>
    <message>
        <source>Slide scan</source>
        <translation>玻片扫描</translation>
    </message>
    <message>
        <source>Still to set: the {0} of the range. Focus there, then press Set.</source>
        <translation>尚待设定：范围的{0}。请对焦到该处，然后按“设定”。</translation>
    </message>
    <message>
        <source>Stop it first.</source>
        <translation>请先停止它。</translation>
    </message>
    <message>
        <source>Stopped on the way to the middle of the slide.</source>
        <translation>在前往玻片中央的途中停止。</translation>
    </message>
    <message>
        <source>Storing positions and presets</source>
        <translation>存储位置和预设</translation>
    </message>
    <message>
        <source>Sweep at {0} µm/s, or with another distance between the frames.</source>
        <translation>请以 {0} µm/s 扫描，或采用其他帧间距。</translation>
    </message>
    <message>
        <source>Switch off the stage&apos;s power if it still moves.</source>
        <translation>如果它仍在移动，请切断载物台电源。</translation>
    </message>
    <message>
        <source>The camera delivered no frame during a run to {0} µm: check the camera.</source>
        <translation>在移动到 {0} µm 期间相机没有送出任何帧：请检查相机。</translation>
    </message>
    <message>
        <source>The camera delivered only {0} frames between {1} and {2} µm where {3} were due: check the camera.</source>
        <translation>在 {1} 和 {2} µm 之间相机只送出 {0} 帧，而应有 {3} 帧：请检查相机。</translation>
    </message>
    <message>
        <source>The camera delivered only {0} frames during a sweep at {1} µm/s: check the camera.</source>
        <translation>在以 {1} µm/s 扫描期间相机只送出 {0} 帧：请检查相机。</translation>
    </message>
    <message>
        <source>The computer stamps the images when they arrive. How long they are under way, a pair of sweeps up and down finds (z_lag_ms).</source>
        <translation>图像到达时由计算机标记时间。其传输时间由上下一对扫描求得（z_lag_ms）。</translation>
    </message>
    <message>
        <source>The configuration has no XY stage: only z moves.</source>
        <translation>该配置没有 XY 载物台：只有 z 移动。</translation>
    </message>
    <message>
        <source>The connection to the stage is lost.</source>
        <translation>与载物台的连接已断开。</translation>
    </message>
    <message>
        <source>The controller&apos;s own anti-backlash and overshoot of z are off while z runs.</source>
        <translation>z 运行期间，控制器自身的 z 反向间隙补偿和过冲已关闭。</translation>
    </message>
    <message>
        <source>The field has no clear focus between {0} and {1} µm: focus on a field with many sharp edges first.</source>
        <translation>该视场在 {0} 和 {1} µm 之间没有明确的焦点：请先对焦到边缘清晰丰富的视场。</translation>
    </message>
    <message>
        <source>The focus lies too close to a limit of z: the stage can sweep from  {0} to {1} µm.</source>
        <translation>焦点太靠近 z 的限位：载物台可扫描 {0} 至 {1} µm。</translation>
    </message>
    <message>
        <source>The frames could not be fused ({0}). All {1} are safe in {2}: open the capture and fuse it again.</source>
        <translation>无法融合各帧（{0}）。全部 {1} 帧都安全地保存在 {2}：请打开该采集并重新融合。</translation>
    </message>
    <message>
        <source>The frames need about {0} GB and the disk has {1} GB: choose fewer fields or free some space.</source>
        <translation>各帧约需 {0} GB，而磁盘仅有 {1} GB：请减少视场或腾出空间。</translation>
    </message>
    <message>
        <source>The frames so far are kept. Check the cable, then connect the camera again.</source>
        <translation>目前为止的帧已保留。请检查电缆，然后重新连接相机。</translation>
    </message>
    <message>
        <source>The full speed of z is not known, {0} µm/s are assumed: the first run measures it; put it into the profile as full_speed_um_per_s.</source>
        <translation>z 的全速未知，假定为 {0} µm/s：第一次运行会测出它；请写入配置文件的 full_speed_um_per_s。</translation>
    </message>
    <message>
        <source>The gain is left as Micro-Manager&apos;s configuration sets it: it has no unit there.</source>
        <translation>增益保持 Micro-Manager 配置的设定：在那里它没有单位。</translation>
    </message>
    <message>
        <source>The image still gets sharper at an end of the search from {0} to {1} µm: focus roughly by hand, or widen the limits of z.</source>
        <translation>在 {0} 至 {1} µm 搜索范围的一端图像仍在变清晰：请先手动粗略对焦，或放宽 z 的限位。</translation>
    </message>
    <message>
        <source>The library</source>
        <translation>采集库</translation>
    </message>
    <message>
        <source>The limits of z, {0} to {1} µm, leave no room for a run-up and a run-down: widen them in the profile or in the controller.</source>
        <translation>z 的限位 {0} 至 {1} µm 没有留出加速和减速的余地：请在配置文件或控制器中放宽。</translation>
    </message>
    <message>
        <source>The limits of {0} leave no room to move the picture: widen them in the profile.</source>
        <translation>{0} 的限位没有留出移动图像的余地：请在配置文件中放宽。</translation>
    </message>
    <message>
        <source>The live picture</source>
        <translation>实时图像</translation>
    </message>
    <message>
        <source>The picture does not follow the stage: focus on something with many edges, and check the objective in the profile.</source>
        <translation>图像没有随载物台移动：请对焦到边缘丰富的内容，并检查配置文件中的物镜。</translation>
    </message>
    <message>
        <source>The picture is dark ({0} % of full scale): switch on the lamp, open the shutter, or expose longer.</source>
        <translation>图像偏暗（满量程的 {0} %）：请打开光源、打开快门，或延长曝光。</translation>
    </message>
    <message>
        <source>The picture is empty: focus on the lines of the stage micrometer.</source>
        <translation>图像是空的：请对焦到台测微尺的刻线。</translation>
    </message>
    <message>
        <source>The pixel is {0} µm, but {1}.</source>
        <translation>像素为 {0} µm，但 {1}。</translation>
    </message>
    <message>
        <source>The pixel would be {0} µm, but known to {1} % only: focus on a field with more sharp edges, and see that both axes move it evenly.</source>
        <translation>像素约为 {0} µm，但精度仅为 {1} %：请对焦到清晰边缘更多的视场，并确认两轴移动均匀。</translation>
    </message>
    <message>
        <source>The position of the stage is not known: home the stage.</source>
        <translation>载物台位置未知：请先回零。</translation>
    </message>
    <message>
        <source>The position of z is not known: home the stage.</source>
        <translation>z 的位置未知：请使载物台回零。</translation>
    </message>
    <message>
        <source>The program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>The range from {0} to {1} µm is empty: widen it.</source>
        <translation>{0} 至 {1} µm 的范围是空的：请加宽。</translation>
    </message>
    <message>
        <source>The range from {0} to {1} µm lies outside the limits of z, {2} to {3} µm.</source>
        <translation>{0} 至 {1} µm 的范围超出 z 的限位 {2} 至 {3} µm。</translation>
    </message>
    <message>
        <source>The same holds for {0} others.</source>
        <translation>另外 {0} 个也是如此。</translation>
    </message>
    <message>
        <source>The speed set in the controller counts as the full one of {0}. If moves creep after a crash, give full_speed_um_per_s of {1} in the profile: it is set on every connect.</source>
        <translation>控制器中设定的速度被视为 {0} 的全速。如果崩溃后移动缓慢，请在配置文件中给出 {1} 的 full_speed_um_per_s：每次连接时都会设置。</translation>
    </message>
    <message>
        <source>The stage cannot go to {0}: x reaches from {1} to {2} µm and y from {3} to {4} µm. Shift or shrink the scan, or widen the limits.</source>
        <translation>载物台无法前往 {0}：x 可到达 {1} 至 {2} µm，y 可到达 {3} 至 {4} µm。请平移或缩小扫描区域，或放宽限位。</translation>
    </message>
    <message>
        <source>The stage does not answer: nobody knows whether it moves.</source>
        <translation>载物台没有应答：不知道它是否在移动。</translation>
    </message>
    <message>
        <source>The stage does not stand still: {0} µm since it arrived. Give it more settle_s in the profile, and check its drives.</source>
        <translation>载物台未静止：到位后又移动了 {0} µm。请在配置文件中增大 settle_s，并检查其驱动。</translation>
    </message>
    <message>
        <source>The stage goes at {0} to {1} µm/s where focus can still be seen: too little apart to tell latency from backlash. Use an objective of larger depth of field.</source>
        <translation>在仍能看清焦点时，载物台的速度为 {0} 至 {1} µm/s：相差太小，无法区分延迟与反向间隙。请使用景深更大的物镜。</translation>
    </message>
    <message>
        <source>The stage has stopped itself at z {0} µm: {1}.</source>
        <translation>载物台已自行停止于 z {0} µm：{1}。</translation>
    </message>
    <message>
        <source>The stage has stopped itself.</source>
        <translation>载物台已自行停止。</translation>
    </message>
    <message>
        <source>The stage has stopped itself: {0}.</source>
        <translation>载物台已自行停止：{0}。</translation>
    </message>
    <message>
        <source>The stage has to be homed before fields can be set out from here.</source>
        <translation>载物台须先回零，才能以此处布置视场。</translation>
    </message>
    <message>
        <source>The stage stands still at z {0} µm.</source>
        <translation>载物台静止于 z {0} µm。</translation>
    </message>
    <message>
        <source>The stage stands still.</source>
        <translation>载物台静止。</translation>
    </message>
    <message>
        <source>Too many fields, {0} x {1}: choose {2} at most.</source>
        <translation>视场太多，{0} x {1}：最多选择 {2} 个。</translation>
    </message>
    <message>
        <source>a stack without frames has no format</source>
        <translation>没有帧的图像栈没有格式</translation>
    </message>
    <message>
        <source>balance</source>
        <translation>白平衡</translation>
    </message>
    <message>
        <source>cannot be recovered: {0}</source>
        <translation>无法恢复：{0}</translation>
    </message>
    <message>
        <source>exposure</source>
        <translation>曝光</translation>
    </message>
    <message>
        <source>the controller&apos;s are its defaults, {0} to {1} mm, and the profile names none</source>
        <translation>控制器的限位是出厂值 {0} 至 {1} mm，配置文件中也没有</translation>
    </message>
    <message>
        <source>the limits of {0} are {1} to {2} µm</source>
        <translation>{0} 的限位是 {1} 至 {2} µm</translation>
    </message>
    <message>
        <source>the port has been closed</source>
        <translation>端口已关闭</translation>
    </message>
    <message>
        <source>the port is closed</source>
        <translation>端口已关闭</translation>
    </message>
    <message>
        <source>the profile does not say how large a microstep is</source>
        <translation>配置文件没有说明微步的大小</translation>
    </message>
    <message>
        <source>the profile&apos;s {0} to {1} µm and the controller&apos;s {2} to {3} µm have nothing in common</source>
        <translation>配置文件的 {0} 至 {1} µm 与控制器的 {2} 至 {3} µm 没有重叠</translation>
    </message>
    <message>
        <source>the sensor has {0}x{1}</source>
        <translation>传感器为 {0}x{1}</translation>
    </message>
    <message>
        <source>the stage does not know its position</source>
        <translation>载物台不知道自己的位置</translation>
    </message>
    <message>
        <source>the stage is in motion</source>
        <translation>载物台正在运动</translation>
    </message>
    <message>
        <source>the stage is not connected</source>
        <translation>载物台未连接</translation>
    </message>
    <message>
        <source>the stage is {0}</source>
        <translation>载物台处于 {0}</translation>
    </message>
    <message>
        <source>the stage stands, but the controller has found no reference</source>
        <translation>载物台静止，但控制器没有找到参考点</translation>
    </message>
    <message>
        <source>the system does not hand it over</source>
        <translation>系统不交出该端口</translation>
    </message>
    <message>
        <source>there is no such camera; there are: {0}</source>
        <translation>没有这台相机；现有：{0}</translation>
    </message>
    <message>
        <source>this controller finds no reference by itself</source>
        <translation>该控制器自己不能找到参考点</translation>
    </message>
    <message>
        <source>wait for an answer</source>
        <translation>等待答复</translation>
    </message>
    <message>
        <source>work coordinates without their offset</source>
        <translation>工作坐标缺少偏移量</translation>
    </message>
    <message>
        <source>work out the positions of {0}</source>
        <translation>计算 {0} 的位置</translation>
    </message>
    <message>
        <source>write {0}</source>
        <translation>写入 {0}</translation>
    </message>
    <message>
        <source>{0} can set {1}</source>
        <translation>{0} 可以设置 {1}</translation>
    </message>
    <message>
        <source>{0} components in {1} bytes per pixel are neither grey nor RGB</source>
        <translation>每像素 {1} 字节、{0} 个分量，既不是灰度也不是 RGB</translation>
    </message>
    <message>
        <source>{0} failed: {1}</source>
        <translation>{0}失败：{1}</translation>
    </message>
    <message>
        <source>{0} failed: {1}: {2}</source>
        <translation>{0}失败：{1}：{2}</translation>
    </message>
    <message>
        <source>{0} has no property that is known to set its speed, so that it cannot run at a constant one</source>
        <translation>{0} 没有已知的速度属性，因此不能匀速运动</translation>
    </message>
    <message>
        <source>{0} is {1}, but {2} is {3}</source>
        <translation>{0} 为 {1}，但 {2} 为 {3}</translation>
    </message>
    <message>
        <source>{0} missing or switched off (?statusaxis: {1})</source>
        <translation>{0} 缺失或已关闭（?statusaxis：{1}）</translation>
    </message>
    <message>
        <source>{0} reads back {1} µm/s; the stage has been stopped</source>
        <translation>{0} 回读为 {1} µm/s；载物台已停止</translation>
    </message>
    <message>
        <source>{0} to {1} microsteps of {2} µm at maxspeed {3}</source>
        <translation>{0} 至 {1} 微步，每步 {2} µm，maxspeed {3}</translation>
    </message>
    <message>
        <source>{0} to {1} mm: the range has not been measured</source>
        <translation>{0} 至 {1} mm：行程尚未测量</translation>
    </message>
    <message>
        <source>{0}: a frame of shape {1} is neither grey nor RGB</source>
        <translation>{0}：形状为 {1} 的帧既不是灰度也不是 RGB</translation>
    </message>
    <message>
        <source>{0}: a page holds a volume; save one frame per page</source>
        <translation>{0}：一页含有一个体数据；请每页保存一帧</translation>
    </message>
    <message>
        <source>{0}: announces {1} frames but holds one page</source>
        <translation>{0}：声明有 {1} 帧，但只有一页</translation>
    </message>
    <message>
        <source>{0}: announces {1} frames but holds {2}</source>
        <translation>{0}：声明有 {1} 帧，但只有 {2} 帧</translation>
    </message>
    <message>
        <source>{0}: announces {1} frames; more than {2} cannot be</source>
        <translation>{0}：声明有 {1} 帧；不可能多于 {2} 帧</translation>
    </message>
    <message>
        <source>{0}: announces {1} of {2}x{3} pixels</source>
        <translation>{0}：声明有 {1}，每个 {2}x{3} 像素</translation>
    </message>
    <message>
        <source>{0}: announces {1} of {2}x{3} pixels, {4} GB; more than {5} GB are not read</source>
        <translation>{0}：声明有 {1}，每个 {2}x{3} 像素，共 {4} GB；不读取超过 {5} GB 的数据</translation>
    </message>
    <message>
        <source>{0}: cannot be made: {1}</source>
        <translation>{0}：无法建立：{1}</translation>
    </message>
    <message>
        <source>{0}: cannot be read: {1}</source>
        <translation>{0}：无法读取：{1}</translation>
    </message>
    <message>
        <source>{0}: cannot be read: {1}.</source>
        <translation>{0}：无法读取：{1}。</translation>
    </message>
    <message>
        <source>{0}: cannot be recovered: {1}</source>
        <translation>{0}：无法恢复：{1}</translation>
    </message>
    <message>
        <source>{0}: cannot be written: a folder has that name</source>
        <translation>{0}：无法写入：有同名文件夹</translation>
    </message>
    <message>
        <source>{0}: cannot be written: {1}</source>
        <translation>{0}：无法写入：{1}</translation>
    </message>
    <message>
        <source>{0}: cannot be written: {1}.</source>
        <translation>{0}：无法写入：{1}。</translation>
    </message>
    <message>
        <source>{0}: cannot be written: {1}. Choose another folder.</source>
        <translation>{0}：无法写入：{1}。请另选文件夹。</translation>
    </message>
    <message>
        <source>{0}: cannot be written: {1}. Free some space, or choose another captures folder.</source>
        <translation>{0}：无法写入：{1}。请释放空间，或另选采集文件夹。</translation>
    </message>
    <message>
        <source>{0}: cannot be written: {1}. Free some space, then run the scan once more.</source>
        <translation>{0}：无法写入：{1}。请释放空间，然后重新运行扫描。</translation>
    </message>
    <message>
        <source>{0}: cannot be written: {1}. The frames recorded before are safe. Check the disk and its free space, or choose another folder.</source>
        <translation>{0}：无法写入：{1}。此前记录的帧是安全的。请检查磁盘及其剩余空间，或另选文件夹。</translation>
    </message>
    <message>
        <source>{0}: cannot keep {1} frames</source>
        <translation>{0}：无法保留 {1} 帧</translation>
    </message>
    <message>
        <source>{0}: does not hold stored positions and presets. Delete or repair it; until then there are none.</source>
        <translation>{0}：不包含已存位置和预设。请删除或修复该文件；在此之前没有任何位置和预设。</translation>
    </message>
    <message>
        <source>{0}: does not hold the weights of {1} frames</source>
        <translation>{0}：不含 {1} 帧的权重</translation>
    </message>
    <message>
        <source>{0}: does not say where its stack lies; name the stack</source>
        <translation>{0}：没有说明图像栈的位置；请指定图像栈</translation>
    </message>
    <message>
        <source>{0}: does not tell how it was made; fuse its stack again instead</source>
        <translation>{0}：没有说明制作方式；请重新融合其图像栈</translation>
    </message>
    <message>
        <source>{0}: frame {1} cannot be decoded any more</source>
        <translation>{0}：第 {1} 帧已无法解码</translation>
    </message>
    <message>
        <source>{0}: frame {1} is missing, or lies in a file that is</source>
        <translation>{0}：第 {1} 帧缺失，或其所在文件缺失</translation>
    </message>
    <message>
        <source>{0}: has an axis {1}; save a single z stack</source>
        <translation>{0}：含有轴 {1}；请保存单个 z 图像栈</translation>
    </message>
    <message>
        <source>{0}: has no {1} {2}, only {3}</source>
        <translation>{0}：没有 {1} {2}，只有 {3}</translation>
    </message>
    <message>
        <source>{0}: has the axes {1}, which are no z stack</source>
        <translation>{0}：轴为 {1}，不是 z 图像栈</translation>
    </message>
    <message>
        <source>{0}: has the {1} {2}, which is no number</source>
        <translation>{0}：{1} 为 {2}，不是数字</translation>
    </message>
    <message>
        <source>{0}: holds no field</source>
        <translation>{0}：不含视场</translation>
    </message>
    <message>
        <source>{0}: holds no frames</source>
        <translation>{0}：不含帧</translation>
    </message>
    <message>
        <source>{0}: holds one stack; there is nothing to choose</source>
        <translation>{0}：只含一个图像栈；无需选择</translation>
    </message>
    <message>
        <source>{0}: holds the stack; choose another folder</source>
        <translation>{0}：存放着图像栈；请另选文件夹</translation>
    </message>
    <message>
        <source>{0}: holds {1} frames; frame {2} is not there</source>
        <translation>{0}：含 {1} 帧；没有第 {2} 帧</translation>
    </message>
    <message>
        <source>{0}: holds {1} frames; open the file itself, not its folder</source>
        <translation>{0}：含 {1} 帧；请打开文件本身，而不是其文件夹</translation>
    </message>
    <message>
        <source>{0}: holds {1} values; save it as 8 or 16 bit</source>
        <translation>{0}：含 {1} 数值；请保存为 8 位或 16 位</translation>
    </message>
    <message>
        <source>{0}: holds {1} values; save the frames as 8 or 16 bit</source>
        <translation>{0}：含 {1} 数值；请把各帧保存为 8 位或 16 位</translation>
    </message>
    <message>
        <source>{0}: holds {1} {2}s ({3}); choose one with --{4}</source>
        <translation>{0}：含 {1} 个 {2}（{3}）；请用 --{4} 选择一个</translation>
    </message>
    <message>
        <source>{0}: holds {1}; save the frames as 8 or 16 bit</source>
        <translation>{0}：含 {1}；请把各帧保存为 8 位或 16 位</translation>
    </message>
    <message>
        <source>{0}: is a single image; open the folder that holds the frames</source>
        <translation>{0}：是单张图像；请打开存放各帧的文件夹</translation>
    </message>
    <message>
        <source>{0}: is being recorded, or was when its program died; label it when it is complete or recovered</source>
        <translation>{0}：正在记录，或在程序异常结束时正在记录；请在完成或恢复后再填写标签</translation>
    </message>
    <message>
        <source>{0}: is damaged or not what it seems: {1}</source>
        <translation>{0}：已损坏或与表面不符：{1}</translation>
    </message>
    <message>
        <source>{0}: is neither a folder of images nor a TIFF, CZI, ND2, LIF or video file</source>
        <translation>{0}：既不是图像文件夹，也不是 TIFF、CZI、ND2、LIF 或视频文件</translation>
    </message>
    <message>
        <source>{0}: is no 16-bit grey picture of the frames&apos; size</source>
        <translation>{0}：不是与各帧同样大小的 16 位灰度图像</translation>
    </message>
    <message>
        <source>{0}: is no OME-Zarr image; open the image in it that is meant</source>
        <translation>{0}：不是 OME-Zarr 图像；请打开其中所需的图像</translation>
    </message>
    <message>
        <source>{0}: is no file</source>
        <translation>{0}：不是文件</translation>
    </message>
    <message>
        <source>{0}: is no height map</source>
        <translation>{0}：不是高度图</translation>
    </message>
    <message>
        <source>{0}: is not the file that {1} tells of</source>
        <translation>{0}：不是 {1} 所述的文件</translation>
    </message>
    <message>
        <source>{0}: is not the mask that {1} tells of</source>
        <translation>{0}：不是 {1} 所述的掩模</translation>
    </message>
    <message>
        <source>{0}: is of another size than {1}</source>
        <translation>{0}：与 {1} 大小不同</translation>
    </message>
    <message>
        <source>{0}: is there already; choose another folder or allow replacing</source>
        <translation>{0}：已存在；请另选文件夹或允许替换</translation>
    </message>
    <message>
        <source>{0}: its recipe is damaged: {1}</source>
        <translation>{0}：其制作记录已损坏：{1}</translation>
    </message>
    <message>
        <source>{0}: its results are of another size than its frames</source>
        <translation>{0}：结果与各帧大小不同</translation>
    </message>
    <message>
        <source>{0}: its stack is no more at {1}; say where it is</source>
        <translation>{0}：图像栈已不在 {1}；请说明其位置</translation>
    </message>
    <message>
        <source>{0}: line {1}: needs numbers in the columns x_um and y_um</source>
        <translation>{0}：第 {1} 行：x_um 和 y_um 列必须为数字</translation>
    </message>
    <message>
        <source>{0}: line {1}: x_um and y_um must be finite</source>
        <translation>{0}：第 {1} 行：x_um 和 y_um 必须为有限值</translation>
    </message>
    <message>
        <source>{0}: line {1}: {2}</source>
        <translation>{0}：第 {1} 行：{2}</translation>
    </message>
    <message>
        <source>{0}: loops over {1}; save a single z stack</source>
        <translation>{0}：沿 {1} 循环；请保存单个 z 图像栈</translation>
    </message>
    <message>
        <source>{0}: made for {1} frames of {2}x{3} pixels, the stack has {4} of {5}x{6}; move the file away to open the capture without it</source>
        <translation>{0}：为 {1} 帧 {2}x{3} 像素而制作，图像栈有 {4} 帧 {5}x{6}；移走该文件即可在没有它的情况下打开采集</translation>
    </message>
    <message>
        <source>{0}: multiscales: {1}: {2}</source>
        <translation>{0}：multiscales（多尺度）：{1}：{2}</translation>
    </message>
    <message>
        <source>{0}: names a frame that cannot be read; the index is damaged</source>
        <translation>{0}：列出了无法读取的帧；索引已损坏</translation>
    </message>
    <message>
        <source>{0}: names frame {1} of {2}, or leaves none to fuse</source>
        <translation>{0}：列出了第 {1} 帧（共 {2} 帧），或没有留下可融合的帧</translation>
    </message>
    <message>
        <source>{0}: needs the library {1}; install it with: pip install wearif[formats]</source>
        <translation>{0}：需要库 {1}；安装方法：pip install wearif[formats]</translation>
    </message>
    <message>
        <source>{0}: not a sound TIFF file: {1}</source>
        <translation>{0}：不是完好的 TIFF 文件：{1}</translation>
    </message>
    <message>
        <source>{0}: not enough space: the results may take {1}, {2} are free</source>
        <translation>{0}：空间不足：结果可能需要 {1}，剩余 {2}</translation>
    </message>
    <message>
        <source>{0}: page {1} cannot be decoded</source>
        <translation>{0}：第 {1} 页无法解码</translation>
    </message>
    <message>
        <source>{0}: page {1} decodes to {2}, not to {3}</source>
        <translation>{0}：第 {1} 页解码为 {2}，而不是 {3}</translation>
    </message>
    <message>
        <source>{0}: page {1} is damaged or in a compression nobody here knows</source>
        <translation>{0}：第 {1} 页已损坏，或采用了未知的压缩方式</translation>
    </message>
    <message>
        <source>{0}: page {1} unpacks to more than it announces</source>
        <translation>{0}：第 {1} 页解压后大于所声明的大小</translation>
    </message>
    <message>
        <source>{0}: tells how {1} frames lay, of {2}</source>
        <translation>{0}：只说明了 {1} 帧的位置，共 {2} 帧</translation>
    </message>
    <message>
        <source>{0}: the OME-XML announces no frames</source>
        <translation>{0}：OME-XML 没有声明任何帧</translation>
    </message>
    <message>
        <source>{0}: the capture holds no frames ({1})</source>
        <translation>{0}：采集不含帧（{1}）</translation>
    </message>
    <message>
        <source>{0}: the disk is full: frame {1} would leave less than {2} MB. The frames before it are safe. Free some space or choose another folder.</source>
        <translation>{0}：磁盘已满：记录第 {1} 帧后剩余空间将少于 {2} MB。此前的帧是安全的。请释放空间或另选文件夹。</translation>
    </message>
    <message>
        <source>{0}: the disk is too slow: {1} frames still wait after {2} s, frame {3} is not recorded. Record to a faster disk, or lower the frame rate.</source>
        <translation>{0}：磁盘太慢：{2} s 后仍有 {1} 帧在等待，第 {3} 帧未记录。请记录到更快的磁盘，或降低帧率。</translation>
    </message>
    <message>
        <source>{0}: the disk is too slow: {1} frames were not written within {2} s. Record to a faster disk.</source>
        <translation>{0}：磁盘太慢：{1} 帧未能在 {2} s 内写入。请记录到更快的磁盘。</translation>
    </message>
    <message>
        <source>{0}: the file holds no image</source>
        <translation>{0}：文件不含图像</translation>
    </message>
    <message>
        <source>{0}: the file is damaged and cannot be decoded</source>
        <translation>{0}：文件已损坏，无法解码</translation>
    </message>
    <message>
        <source>{0}: the file is truncated (a frame is not complete)</source>
        <translation>{0}：文件被截断（有一帧不完整）</translation>
    </message>
    <message>
        <source>{0}: the file is truncated (a page lies behind its end)</source>
        <translation>{0}：文件被截断（有一页位于文件末尾之后）</translation>
    </message>
    <message>
        <source>{0}: the file is truncated (frame {1})</source>
        <translation>{0}：文件被截断（第 {1} 帧）</translation>
    </message>
    <message>
        <source>{0}: the file is truncated (page {1} is not complete)</source>
        <translation>{0}：文件被截断（第 {1} 页不完整）</translation>
    </message>
    <message>
        <source>{0}: the file is truncated ({1} frames expected)</source>
        <translation>{0}：文件被截断（应有 {1} 帧）</translation>
    </message>
    <message>
        <source>{0}: the file {1}</source>
        <translation>{0}：文件 {1}</translation>
    </message>
    <message>
        <source>{0}: the folder holds no PNG, TIFF, JPEG or BMP images</source>
        <translation>{0}：文件夹不含 PNG、TIFF、JPEG 或 BMP 图像</translation>
    </message>
    <message>
        <source>{0}: the folder holds one stack; there is nothing to choose</source>
        <translation>{0}：文件夹只含一个图像栈；无需选择</translation>
    </message>
    <message>
        <source>{0}: the fused image is {1}, the other is {2}</source>
        <translation>{0}：融合图像为 {1}，另一个为 {2}</translation>
    </message>
    <message>
        <source>{0}: the image does not have the axes it announces</source>
        <translation>{0}：图像的轴与其声明不符</translation>
    </message>
    <message>
        <source>{0}: the image is at {1} of the full scale with {2} ms</source>
        <translation>{0}：{2} ms 时图像达到满量程的 {1}</translation>
    </message>
    <message>
        <source>{0}: the image {1} has the dimensions {2}; save a single z stack</source>
        <translation>{0}：图像 {1} 的维度为 {2}；请保存单个 z 图像栈</translation>
    </message>
    <message>
        <source>{0}: the map of its frames names one that is not there</source>
        <translation>{0}：帧的对照表列出了不存在的帧</translation>
    </message>
    <message>
        <source>{0}: the recorder has ended</source>
        <translation>{0}：记录已结束</translation>
    </message>
    <message>
        <source>{0}: the video holds no frame that can be decoded</source>
        <translation>{0}：视频不含可解码的帧</translation>
    </message>
    <message>
        <source>{0}: two fields have the same name; name them differently</source>
        <translation>{0}：两个视场同名；请使用不同名称</translation>
    </message>
    <message>
        <source>{0}: wants frame {1} of {2}</source>
        <translation>{0}：要求第 {1} 帧，共 {2} 帧</translation>
    </message>
    <message>
        <source>{0}: was changed after it had been written</source>
        <translation>{0}：写入后被更改过</translation>
    </message>
    <message>
        <source>{0}: {1} frames were not written</source>
        <translation>{0}：{1} 帧未写入</translation>
    </message>
    <message>
        <source>{0}: {1} is not of the fusion that the record tells of</source>
        <translation>{0}：{1} 不属于记录所述的融合</translation>
    </message>
    <message>
        <source>The stage has to be homed before a position can be stored.</source>
        <translation>存储位置之前必须先使载物台回零。</translation>
    </message>
    <message>
        <source>A search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Along one axis the picture moves {0} % further than along the other: check um_per_unit of x and y in the profile.</source>
        <translation>图像沿一轴的移动比沿另一轴多 {0} %：请检查配置文件中 x 和 y 的 um_per_unit。</translation>
    </message>
    <message>
        <source>Snapshot saved, also as PNG: {0}</source>
        <translation>快照已保存（另存 PNG）：{0}</translation>
    </message>
    <message>
        <source>The stage has to be homed before a range can be set.</source>
        <translation>设定范围之前必须先使载物台回零。</translation>
    </message>
    <message>
        <source>The stage has to be homed before it can be counted from here.</source>
        <translation>从此处起算之前必须先使载物台回零。</translation>
    </message>
    <message>
        <source>The stage is homing.</source>
        <translation>载物台正在回零。</translation>
    </message>
    <message>
        <source>The stage is moving.</source>
        <translation>载物台正在移动。</translation>
    </message>
    <message>
        <source>The stage is not connected.</source>
        <translation>载物台未连接。</translation>
    </message>
    <message>
        <source>The stage is stopping.</source>
        <translation>载物台正在停止。</translation>
    </message>
    <message>
        <source>The stage reports z in steps of {0} µm, coarser than the {1} µm between frames: z comes from a line fitted to the whole sweep.</source>
        <translation>载物台以 {0} µm 为步报告 z，比帧间距 {1} µm 粗：z 取自对整个扫描拟合的直线。</translation>
    </message>
    <message>
        <source>The stage stands still and the frames so far are kept. Check the camera&apos;s cable and power, then connect again.</source>
        <translation>载物台已静止，目前为止的帧已保留。请检查相机的电缆和电源，然后重新连接。</translation>
    </message>
    <message>
        <source>The stage&apos;s position was read only {0} times at constant speed, out of {1} in all; {2} are needed. Sweep more slowly or further.</source>
        <translation>匀速期间只读到载物台位置 {0} 次，总共 {1} 次；需要 {2} 次。请扫描得更慢或更远。</translation>
    </message>
    <message>
        <source>The stage&apos;s position was read only {0} times during a run; two are needed. Check the line to the stage.</source>
        <translation>运行期间只读到载物台位置 {0} 次；需要两次。请检查到载物台的线路。</translation>
    </message>
    <message>
        <source>The sweep may need {0} GB of memory and {1} GB are free: close other programs, sweep a shorter range, or choose a smaller region or binning of the camera.</source>
        <translation>扫描可能需要 {0} GB 内存，而剩余 {1} GB：请关闭其他程序、缩短扫描范围，或选择更小的相机区域或合并像素。</translation>
    </message>
    <message>
        <source>The sweep needs {0} GB and the disk has {1} GB left: free some space, choose another folder, or sweep a shorter range.</source>
        <translation>扫描需要 {0} GB，而磁盘剩余 {1} GB：请释放空间、选择其他文件夹，或缩短扫描范围。</translation>
    </message>
    <message>
        <source>The sweep would end at {0} µm, above the stage&apos;s upper limit of {1} µm: end the range at {2} µm or below (it needs {3} µm of run-down).</source>
        <translation>扫描会在 {0} µm 结束，高于载物台的上限 {1} µm：请让范围在 {2} µm 或以下结束（需要 {3} µm 的减速段）。</translation>
    </message>
    <message>
        <source>The sweep would start at {0} µm, below the stage&apos;s lower limit of {1} µm: begin the range at {2} µm or above (it needs {3} µm of run-up).</source>
        <translation>扫描会在 {0} µm 开始，低于载物台的下限 {1} µm：请让范围在 {2} µm 或以上开始（需要 {3} µm 的加速段）。</translation>
    </message>
    <message>
        <source>The sweeps need z from {0} to {1} µm, and the limits are {2} and {3} µm: calibrate on a slide that lies elsewhere, or widen the limits.</source>
        <translation>扫描需要 z 从 {0} 至 {1} µm，而限位是 {2} 和 {3} µm：请在位于别处的玻片上校准，或放宽限位。</translation>
    </message>
    <message>
        <source>The {0} fell {1} frames behind.</source>
        <translation>{0}落后了 {1} 帧。</translation>
    </message>
    <message>
        <source>There is no picture to save yet.</source>
        <translation>还没有可保存的图像。</translation>
    </message>
    <message>
        <source>This is a fault of the program.</source>
        <translation>这是程序的错误。</translation>
    </message>
    <message>
        <source>This is the preset of {0} from now on.</source>
        <translation>从现在起这是 {0} 的预设。</translation>
    </message>
    <message>
        <source>This model is not supported.</source>
        <translation>不支持此型号。</translation>
    </message>
    <message>
        <source>This page holds what it takes to make the image again:</source>
        <translation>本页包含重新生成图像所需的信息：</translation>
    </message>
    <message>
        <source>This scan was begun with {0} on {1}: choose that objective on that microscope first.</source>
        <translation>这次玻片扫描是在 {1} 上用 {0} 开始的：请先在该显微镜上选择该物镜。</translation>
    </message>
    <message>
        <source>Try again.</source>
        <translation>请再试一次。</translation>
    </message>
    <message>
        <source>Turn the lamp down, or lower the gain.</source>
        <translation>请调暗光源，或降低增益。</translation>
    </message>
    <message>
        <source>Turn the lamp up, raise the gain, or go slower.</source>
        <translation>请调亮光源、提高增益，或放慢速度。</translation>
    </message>
    <message>
        <source>Turn the turret to {0}; {1}. Raise the stage before you do.</source>
        <translation>请把物镜转换器转到 {0}；{1}。转动之前请升高载物台。</translation>
    </message>
    <message>
        <source>Turning the simulated turret</source>
        <translation>转动模拟的物镜转换器</translation>
    </message>
    <message>
        <source>Wait for it, or press STOP.</source>
        <translation>请等待，或按 STOP。</translation>
    </message>
    <message>
        <source>Wait for its end, or stop it.</source>
        <translation>请等待其结束，或停止它。</translation>
    </message>
    <message>
        <source>Wait until the stage stands still, and check its limits.</source>
        <translation>请等到载物台静止，并检查其限位。</translation>
    </message>
    <message>
        <source>a surface needs trimesh and Pillow: {0}</source>
        <translation>导出曲面需要 trimesh 和 Pillow：{0}</translation>
    </message>
    <message>
        <source>another question was not answered in {0} s</source>
        <translation>另一条查询在 {0} s 内没有答复</translation>
    </message>
    <message>
        <source>ask</source>
        <translation>查询</translation>
    </message>
    <message>
        <source>ask Micro-Manager</source>
        <translation>查询 Micro-Manager</translation>
    </message>
    <message>
        <source>ask for the status</source>
        <translation>查询状态</translation>
    </message>
    <message>
        <source>ask {0}</source>
        <translation>查询 {0}</translation>
    </message>
    <message>
        <source>camera Basler</source>
        <translation>Basler 相机</translation>
    </message>
    <message>
        <source>camera {0}</source>
        <translation>相机 {0}</translation>
    </message>
    <message>
        <source>capturing a field</source>
        <translation>采集一个视场</translation>
    </message>
    <message>
        <source>change the images to {0}</source>
        <translation>把图像改为 {0}</translation>
    </message>
    <message>
        <source>choose a region</source>
        <translation>选择区域</translation>
    </message>
    <message>
        <source>choose one of the pixel formats {0}</source>
        <translation>从像素格式 {0} 中选择</translation>
    </message>
    <message>
        <source>connect</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>deliver a frame</source>
        <translation>传送一帧</translation>
    </message>
    <message>
        <source>fetch an image</source>
        <translation>取图像</translation>
    </message>
    <message>
        <source>fetch images</source>
        <translation>取图像</translation>
    </message>
    <message>
        <source>fetch the next image</source>
        <translation>取下一幅图像</translation>
    </message>
    <message>
        <source>find the exposure</source>
        <translation>寻找曝光</translation>
    </message>
    <message>
        <source>find the limits of {0}</source>
        <translation>查找 {0} 的限位</translation>
    </message>
    <message>
        <source>find the white balance</source>
        <translation>寻找白平衡</translation>
    </message>
    <message>
        <source>going on with the run</source>
        <translation>继续运行</translation>
    </message>
    <message>
        <source>grab the frames of a sweep</source>
        <translation>采集扫描的各帧</translation>
    </message>
    <message>
        <source>hardly a pixel is neither clipped nor black</source>
        <translation>几乎所有像素不是过曝就是全黑</translation>
    </message>
    <message>
        <source>home</source>
        <translation>回零</translation>
    </message>
    <message>
        <source>homing is switched off in the controller ($22)</source>
        <translation>控制器中关闭了回零（$22）</translation>
    </message>
    <message>
        <source>it has {0}</source>
        <translation>它有 {0}</translation>
    </message>
    <message>
        <source>it took {0} instead</source>
        <translation>实际采用了 {0}</translation>
    </message>
    <message>
        <source>it was cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>its file has no table [{0}]</source>
        <translation>其文件中没有表 [{0}]</translation>
    </message>
    <message>
        <source>load Basler&apos;s library</source>
        <translation>加载 Basler 的库</translation>
    </message>
    <message>
        <source>load pymmcore-plus</source>
        <translation>加载 pymmcore-plus</translation>
    </message>
    <message>
        <source>load {0}</source>
        <translation>加载 {0}</translation>
    </message>
    <message>
        <source>look for Micro-Manager&apos;s device adapters</source>
        <translation>查找 Micro-Manager 的设备适配器</translation>
    </message>
    <message>
        <source>look for axis {0} of device {1}</source>
        <translation>查找设备 {1} 的轴 {0}</translation>
    </message>
    <message>
        <source>look for cameras</source>
        <translation>查找相机</translation>
    </message>
    <message>
        <source>look for the axes</source>
        <translation>查找各轴</translation>
    </message>
    <message>
        <source>move {0} at {1} µm/s</source>
        <translation>以 {1} µm/s 移动 {0}</translation>
    </message>
    <message>
        <source>move {0} to {1} µm</source>
        <translation>把 {0} 移动到 {1} µm</translation>
    </message>
    <message>
        <source>neither the profile nor the controller&apos;s file says them</source>
        <translation>配置文件和控制器文件都没有说明</translation>
    </message>
    <message>
        <source>no answer in {0} s</source>
        <translation>{0} s 内没有答复</translation>
    </message>
    <message>
        <source>no answer in {0} s{1}</source>
        <translation>{0} s 内没有答复{1}</translation>
    </message>
    <message>
        <source>no configuration is loaded</source>
        <translation>没有加载配置</translation>
    </message>
    <message>
        <source>no frame for {0} s, after {1} of them</source>
        <translation>收到 {1} 帧后，{0} s 内没有新的帧</translation>
    </message>
    <message>
        <source>no position three times in a row: {0}</source>
        <translation>连续三次没有位置：{0}</translation>
    </message>
    <message>
        <source>no restart after {0} resets</source>
        <translation>复位 {0} 次后仍未重新启动</translation>
    </message>
    <message>
        <source>no value for ${0}</source>
        <translation>${0} 没有值</translation>
    </message>
    <message>
        <source>none are installed</source>
        <translation>没有安装</translation>
    </message>
    <message>
        <source>none came</source>
        <translation>没有收到</translation>
    </message>
    <message>
        <source>none comes</source>
        <translation>收不到</translation>
    </message>
    <message>
        <source>not Grbl 1.1 or grblHAL; it said: {0}</source>
        <translation>不是 Grbl 1.1 或 grblHAL；它答复：{0}</translation>
    </message>
    <message>
        <source>not connected</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source>not open</source>
        <translation>未打开</translation>
    </message>
    <message>
        <source>not seen standing still after {0} attempts in {1} s</source>
        <translation>{1} s 内尝试 {0} 次，仍未见其静止</translation>
    </message>
    <message>
        <source>not there after {0} s; the stage has been stopped</source>
        <translation>{0} s 后仍未到位；载物台已停止</translation>
    </message>
    <message>
        <source>not {0}; it said: {1}</source>
        <translation>不是 {0}；它答复：{1}</translation>
    </message>
    <message>
        <source>nothing answered in {0} s</source>
        <translation>{0} s 内没有任何答复</translation>
    </message>
    <message>
        <source>nothing answered in {0} s ({1})</source>
        <translation>{0} s 内没有任何答复（{1}）</translation>
    </message>
    <message>
        <source>open</source>
        <translation>打开</translation>
    </message>
    <message>
        <source>open {0}</source>
        <translation>打开 {0}</translation>
    </message>
    <message>
        <source>read out {0}x{1} pixels from {2}, {3}</source>
        <translation>从 {2}, {3} 起读出 {0}x{1} 像素</translation>
    </message>
    <message>
        <source>read the kind of images</source>
        <translation>读取图像类型</translation>
    </message>
    <message>
        <source>read the limits of {0}</source>
        <translation>读取 {0} 的限位</translation>
    </message>
    <message>
        <source>read the parameters</source>
        <translation>读取参数</translation>
    </message>
    <message>
        <source>read the position</source>
        <translation>读取位置</translation>
    </message>
    <message>
        <source>read the settings</source>
        <translation>读取设置</translation>
    </message>
    <message>
        <source>read the settings of {0}</source>
        <translation>读取 {0} 的设置</translation>
    </message>
    <message>
        <source>reset the controller after an alarm</source>
        <translation>报警后复位控制器</translation>
    </message>
    <message>
        <source>send {0}</source>
        <translation>发送 {0}</translation>
    </message>
    <message>
        <source>set the limits of {0}</source>
        <translation>设置 {0} 的限位</translation>
    </message>
    <message>
        <source>set the mode {0}</source>
        <translation>设置模式 {0}</translation>
    </message>
    <message>
        <source>set the pixel format to {0}</source>
        <translation>把像素格式设为 {0}</translation>
    </message>
    <message>
        <source>set the speed by the property {0}</source>
        <translation>通过属性 {0} 设置速度</translation>
    </message>
    <message>
        <source>set the {0}</source>
        <translation>设置 {0}</translation>
    </message>
    <message>
        <source>set the {0} to {1}{2}</source>
        <translation>把 {0} 设为 {1}{2}</translation>
    </message>
    <message>
        <source>stage</source>
        <translation>载物台</translation>
    </message>
    <message>
        <source>stages behind Micro-Manager are not homed by this program</source>
        <translation>本程序不对 Micro-Manager 控制的载物台回零</translation>
    </message>
    <message>
        <source>start</source>
        <translation>启动</translation>
    </message>
    <message>
        <source>stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>sweep z to {0} µm</source>
        <translation>沿 z 扫描到 {0} µm</translation>
    </message>
    <message>
        <source>the bright part stays at {0}, {1}, {2} of red, green and blue</source>
        <translation>亮部的红、绿、蓝停留在 {0}、{1}、{2}</translation>
    </message>
    <message>
        <source>the camera always sends the whole image</source>
        <translation>该相机总是传送整幅图像</translation>
    </message>
    <message>
        <source>the camera has none</source>
        <translation>该相机没有</translation>
    </message>
    <message>
        <source>the camera has none of {0}</source>
        <translation>该相机没有 {0} 中的任何一个</translation>
    </message>
    <message>
        <source>the camera offers {0}</source>
        <translation>该相机提供 {0}</translation>
    </message>
    <message>
        <source>the camera runs</source>
        <translation>相机正在运行</translation>
    </message>
    <message>
        <source>the camera runs already</source>
        <translation>相机已在运行</translation>
    </message>
    <message>
        <source>the camera takes {0} to {1}{2}</source>
        <translation>该相机接受 {0} 至 {1}{2}</translation>
    </message>
    <message>
        <source>the configuration names no default camera</source>
        <translation>配置中没有指定默认相机</translation>
    </message>
    <message>
        <source>the configuration names no default focus device</source>
        <translation>配置中没有指定默认调焦设备</translation>
    </message>
    <message>
        <source>the controller has been reset ({0})</source>
        <translation>控制器已复位（{0}）</translation>
    </message>
    <message>
        <source>the controller has lost its position</source>
        <translation>控制器丢失了位置</translation>
    </message>
    <message>
        <source>the controller has no soft limits, and the profile names none</source>
        <translation>控制器没有软限位，配置文件中也没有</translation>
    </message>
    <message>
        <source>the controller has not answered {0} yet</source>
        <translation>控制器尚未答复 {0}</translation>
    </message>
    <message>
        <source>the controller keeps {0} to {1} µm/s on this way</source>
        <translation>在这段行程上控制器把 {0} 限为 {1} µm/s</translation>
    </message>
    <message>
        <source>the controller reports inches ($13=1)</source>
        <translation>控制器以英寸报告（$13=1）</translation>
    </message>
    <message>
        <source>the controller restarted, or answered, before the line was sent</source>
        <translation>控制器在指令发出之前已重启或已答复</translation>
    </message>
    <message>
        <source>the controller says {0}</source>
        <translation>控制器说 {0}</translation>
    </message>
    <message>
        <source>the controller stays in state {0}</source>
        <translation>控制器停留在状态 {0}</translation>
    </message>
    <message>
        <source>the controller {0}; the position is lost</source>
        <translation>控制器{0}；位置已丢失</translation>
    </message>
</context>
<context>
    <name>scan</name>
    <message>
        <source>Waiting</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>Going there …</source>
        <translation>正在前往…</translation>
    </message>
    <message>
        <source>Focusing …</source>
        <translation>正在对焦…</translation>
    </message>
    <message>
        <source>Sweeping …</source>
        <translation>正在扫描…</translation>
    </message>
    <message>
        <source>Fusing …</source>
        <translation>正在融合…</translation>
    </message>
    <message>
        <source>Fused</source>
        <translation>已融合</translation>
    </message>
    <message>
        <source>Nothing to focus on</source>
        <translation>没有可对焦的内容</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>{s} s</source>
        <translation>{s} 秒</translation>
    </message>
    <message>
        <source>{h} h {min:02d} min</source>
        <translation>{h} 小时 {min:02d} 分</translation>
    </message>
    <message>
        <source>{min} min</source>
        <translation>{min} 分钟</translation>
    </message>
    <message>
        <source>Scan finished: {n} of {total} fields fused.</source>
        <translation>玻片扫描完成：已融合 {n} 个视场，共 {total} 个。</translation>
    </message>
    <message>
        <source>Scan stopped: {n} of {total} fields are kept.</source>
        <translation>玻片扫描已停止：已保留 {n} 个视场，共 {total} 个。</translation>
    </message>
    <message>
        <source>Scan broken off: {n} of {total} fields are kept.</source>
        <translation>玻片扫描中断：已保留 {n} 个视场，共 {total} 个。</translation>
    </message>
</context>
</TS>
